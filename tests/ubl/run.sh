#!/bin/sh
# run.sh SALESYNC UBL_TEST CACHE - hold the UBL files to the schema of UBL 2.1
# and to the rules of EN 16931 and NLCIUS.
#
# SALESYNC books a few hundred sales of all shapes, UBL_TEST (build/unit/
# ubl_test) adds those that no shop's file makes.  xmllint and SaxonJS judge
# every file.  SaxonJS is installed, and the rules are compiled, into the
# folder CACHE, once.  The rules are not ours to ship: UBL_RULES names the
# folder that holds them; without it nothing runs and the exit code is 77.
set -eu

rules=${UBL_RULES:-../shared/contracts/ubl-nlcius}
here=$(cd "$(dirname "$0")" && pwd)

test $# -eq 3 || { echo "usage: run.sh SALESYNC UBL_TEST CACHE" >&2; exit 64; }
if ! test -r "$rules/si-ubl-2.0.xsl"; then
	echo "run.sh: skipped: there is no $rules (UBL_RULES)"
	exit 77
fi
mkdir -p "$3"
cache=$(cd "$3" && pwd)
if ! test -x "$cache/node_modules/.bin/xslt3"; then
	npm install --silent --no-audit --no-fund --prefix "$cache" \
	    xslt3@2.7.0 saxon-js@2.7.0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$dir/house" "$dir/unit" "$dir/bad"

# compiled STYLESHEET: where it is, under the name of its content.
compiled() {
	sum=$(sha256sum < "$1" | cut -c1-20)
	sef=$cache/$sum.sef.json
	if ! test -s "$sef"; then
		node "$cache/node_modules/xslt3/xslt3.js" "-xsl:$1" \
		    "-export:$sef.new" -nogo > "$dir/$sum.log" 2>&1 ||
		    { cat "$dir/$sum.log" >&2; exit 1; }
		mv "$sef.new" "$sef"
	fi
	echo "$sef"
}

# judged RULES FILE...: two processes share the files.
judged() {
	sef=$1
	shift
	printf '%s\n' "$@" | xargs -P 2 -n $((($# + 1) / 2)) \
	    node "$here/judge.mjs" "$sef"
}

valid() {
	for kind in Invoice CreditNote; do
		grep -l "^<$kind " "$@" | xargs xmllint --noout --nonet \
		    --schema "$rules/ubl-2.1-xsd/maindoc/UBL-$kind-2.1.xsd" \
		    2> "$dir/xmllint" || { grep -v ' validates$' \
		    "$dir/xmllint" | head -n 20; return 1; }
	done
}

compiled "$rules/en16931/EN16931-UBL-validation.xslt" > "$dir/en" &
compiled "$rules/si-ubl-2.0.xsl" > "$dir/nl"
wait $!
en=$(cat "$dir/en")
nl=$(cat "$dir/nl")

/usr/bin/python3 "$here/books.py" "$1" "$dir/house"
UBL_KEEP=$dir/unit "$2" > "$dir/unit.log" 2>&1 ||
    { cat "$dir/unit.log"; exit 1; }
set -- "$dir"/house/*/*.xml "$dir"/unit/*.xml

# Do they judge?  VAT that is 0.11 off: in one place the rules must notice it,
# in all places at once, which they allow, our own figures must.
name=nl/shop-N2.2.xml
sample=$dir/house/$name
/usr/bin/python3 "$here/books.py" --spoil "$sample" "$dir/bad/one.xml" one
/usr/bin/python3 "$here/books.py" --spoil "$sample" "$dir/bad/all.xml" all
sed 's/<cbc:IssueDate>/<cbc:IssueDay>/' "$sample" > "$dir/bad/word.xml"
seen=
valid "$dir/bad/word.xml" > /dev/null 2>&1 || seen=schema
judged "$en" "$dir/bad/one.xml" | grep -q BR-CO-14 && seen="$seen rules"
judged "$en" "$dir/bad/all.xml" > /dev/null && seen="$seen allowed"
/usr/bin/python3 "$here/books.py" --same "$sample" "$dir/house" "$name" &&
    ! /usr/bin/python3 "$here/books.py" --same "$dir/bad/all.xml" "$dir/house" "$name" &&
    seen="$seen figures"
if test "$seen" != "schema rules allowed figures"; then
	echo "run.sh: the judges do not judge: $seen" >&2
	exit 1
fi

failed=0
valid "$@" || failed=1
judged "$en" "$@" || failed=1
# shellcheck disable=SC2046 # the names have no blanks
set -- $(grep -l nlcius "$@")
judged "$nl" "$@" || failed=1
test "$failed" -eq 1 || echo "$# of them follow NLCIUS; all passed"
exit $failed
