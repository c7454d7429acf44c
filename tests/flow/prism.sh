#!/bin/sh
# prism.sh CACHE TEST... - hold the Moneybird connector and its stand-in to
# the vendor's OpenAPI description.
#
# Each TEST (build/unit/moneybird_test, ...) runs against the stand-in with
# Prism in between, which checks every request and every answer.  Prism is
# installed into the folder CACHE, once.  The description is not ours to ship:
# MONEYBIRD_OPENAPI names it; without it nothing runs and the exit code is 77.
set -eu

prism=@stoplight/prism-cli@5.16.0
spec=${MONEYBIRD_OPENAPI:-../shared/contracts/moneybird/openapi.yml}
here=$(dirname "$0")

test $# -ge 2 || { echo "usage: prism.sh CACHE TEST..." >&2; exit 64; }
cache=$1
shift
if ! test -r "$spec"; then
	echo "prism.sh: skipped: there is no $spec (MONEYBIRD_OPENAPI)"
	exit 77
fi
if ! test -x "$cache/node_modules/.bin/prism"; then
	mkdir -p "$cache"
	npm install --silent --no-audit --no-fund --prefix "$cache" "$prism"
fi

dir=$(mktemp -d)
pids=
finish() {
	for p in $pids; do
		kill "$p" 2>/dev/null || :
	done
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# until_true COMMAND...: half a minute at most
until_true() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		test $tries -lt 150 || { echo "prism.sh: no: $*" >&2; exit 1; }
		sleep 0.2
	done
}
ask() {
	curl -sS --cacert "$dir/cert.pem" "$MONEYBIRD_URL$1" -d "$2"
}
dump() {
	curl -sS --cacert "$dir/cert.pem" "$MONEYBIRD_URL/__dump"
}
violations() {
	dump | /usr/bin/python3 -Ec '
import json, sys
for v in json.load(sys.stdin)["violations"]:
    print(v["line"], v["said"][:600])'
}

/usr/bin/python3 -E "$here/fake_moneybird.py" --make-cert "$dir" \
    > "$dir/ports" &
pids=$!
until_true test -s "$dir/ports"
read -r port plain < "$dir/ports"
free=$(/usr/bin/python3 -Ec 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
# Prism passes over unevaluatedProperties; where no allOf follows,
# additionalProperties says the same.  And it can't tell two parameters in one
# piece of a path apart: the reference takes its ".json" along.
awk '/^  "?\// {
	joined = sub(/\{reference\}\{format\}/, "{reference}")
}
joined && /parameters\/format/ {
	next
}
{
	if (held != "") {
		if ($1 != "allOf:")
			sub(/unevaluated/, "additional", held)
		print held
		held = ""
	}
	if ($0 ~ /unevaluatedProperties: false/)
		held = $0
	else
		print
}' "$spec" > "$dir/openapi.yml"
node "$cache/node_modules/.bin/prism" proxy "$dir/openapi.yml" \
    "http://127.0.0.1:$plain" --errors --port "$free" > "$dir/prism.log" 2>&1 &
pids="$pids $!"
until_true curl -s "http://127.0.0.1:$free/"

MONEYBIRD_URL=https://127.0.0.1:$port
MONEYBIRD_CA=$dir/cert.pem
export MONEYBIRD_URL MONEYBIRD_CA

# Does it check?  A member that the vendor does not have, in a request and in
# an answer, must be noticed.
get() {
	path=$1
	shift
	curl -sS --cacert "$MONEYBIRD_CA" -H 'Authorization: Bearer token' \
	    -H 'Content-Type: application/json' "$@" \
	    "$MONEYBIRD_URL/api/v2/123456789/$path" > /dev/null
}
ask /__control "{\"via\": \"http://127.0.0.1:$free\"}" > /dev/null
get ledger_accounts.json
seen=$(violations | wc -l)
get contacts.json -d '{"contact": {"lastname": "five", "oops": 5}}'
seen="$seen $(violations | wc -l)"
ask /__control '{"oops": true}' > /dev/null
get ledger_accounts.json
seen="$seen $(violations | wc -l)"
if test "$seen" != "0 1 2"; then
	echo "prism.sh: Prism does not check: $seen" >&2
	exit 1
fi

failed=0
for t in "$@"; do
	"$t" || failed=1
done
violations | tail -n +3 > "$dir/violations"
if test -s "$dir/violations"; then
	echo "prism.sh: not as the vendor describes it:" >&2
	sort "$dir/violations" | uniq -c >&2
	failed=1
fi
exit $failed
