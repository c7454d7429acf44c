#!/bin/sh
# run.sh - the demo: a week of a tea shop, from files into a journal, and then
# once more to see that nothing is booked twice.
#
# Builds what is missing, works in a temporary folder, needs no network once
# the packages are there, and exits non-zero when anything is off.

set -eu

demo=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$demo/../.." && pwd)
O=${O:-build}

say() { printf '\n== %s\n' "$*"; }
die() { printf 'demo: %s\n' "$*" >&2; exit 1; }

sh "$demo/../packages.sh" gcc make pkg-config libc6-dev ca-certificates \
    libcurl4-openssl-dev libcjson-dev libssl-dev liblmdb-dev libyaml-dev \
    libexpat1-dev
if [ -z "${SALESYNC:-}" ]; then
	${MAKE:-make} -s -C "$root" O="$O" "$O/salesync"
	case $O in
	/*) SALESYNC=$O/salesync ;;
	*) SALESYNC=$root/$O/salesync ;;
	esac
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cp -R "$demo/sales" "$dir/sales"
journal=$dir/books.journal

salesync() { "$SALESYNC" -c "$dir/sync.yaml" "$@"; }

# The reference of each booked document, one a line.
references() { sed -n 's/^[0-9-]* \* ".*" "\(.*\)" ^\1$/\1/p' "$journal"; }

say "salesync init: a store, a master key, and the tea shop as the tenant"
salesync init
rm -rf "$dir/example" "$dir/tenants.d/example.yaml"
cp "$demo/tenant.yaml" "$dir/tenants.d/theehuis.yaml"
salesync check --offline

orders=$(cat "$dir"/sales/shop/*.jsonl | wc -l)
receipts=$(sed 1d "$dir"/sales/till/*.csv | cut -d';' -f1 | grep -v '^id' |
    sort -u | wc -l)
expected=$((orders + receipts))

say "salesync sync: $orders orders and refunds of the webshop," \
    "$receipts receipts of the till"
salesync sync
salesync status

say "the end of the journal"
tail -n 22 "$journal"

if command -v hledger >/dev/null 2>&1; then
	say "hledger check, and its balances"
	hledger -f "$journal" check || die "hledger refuses the journal"
	hledger -f "$journal" balance
fi
if command -v bean-check >/dev/null 2>&1; then
	say "bean-check"
	bean-check -C "$journal" || die "beancount refuses the journal"
	echo "accepted"
fi

say "salesync sync, once more"
before=$(cksum <"$journal")
salesync sync
salesync status
[ "$(cksum <"$journal")" = "$before" ] || die "the journal changed"

say "the outcome"
booked=$(references | wc -l)
unique=$(references | sort -u | wc -l)
[ "$booked" -eq "$expected" ] || die "$booked booked, $expected sales"
[ "$unique" -eq "$expected" ] || die "$unique references, $expected sales"
# What the debtors paid or owe, by the files and by the journal, in cents.
sold=$({
	sed 's/.*"incl":"\([-0-9.]*\)".*/\1/' "$dir"/sales/shop/*.jsonl
	sed 1d "$dir"/sales/till/*.csv | sed 's|.*;||' | tr ',' '.' |
	    grep '^[0-9]'
} | awk '{ c += $1 < 0 ? int($1 * 100 - .5) : int($1 * 100 + .5) }
    END { printf "%d", c }')
owed=$(awk '$1 ~ /^Assets:/ && $3 == "EUR" {
	c += $2 < 0 ? int($2 * 100 - .5) : int($2 * 100 + .5)
    } END { printf "%d", c }' "$journal")
[ "$sold" -eq "$owed" ] || die "sold $sold cents, booked $owed"
# A debtor's values are in the shop's files and nowhere else in the clear.
at_rest=$(grep -rlaE 'mail\.example|bedrijf\.example|Oudegracht|Earl Grey' \
    "$dir" | grep -v "^$dir/sales/" || true)
[ -z "$at_rest" ] || die "a debtor's values are at rest in $at_rest"
awk -v s="$sold" -v n="$expected" 'BEGIN {
	printf "%d sales of together EUR %.2f are booked, each once;\n", n,
	    s / 100
	print "the second run booked nothing and changed nothing;"
	print "no name, address or purchase is at rest but in the files of the shop"
}'
