#!/bin/sh
# lint.sh [ROOT [BUILD]] - all checks of the house, in a few seconds.

cd "$(dirname "$0")/../.." || exit 1
root=${1:-.}
build=${2:-$root/build}
bad=0

for check in source.py symbols.py manual.py manual_code.py; do
	/usr/bin/python3 tests/check/$check "$root" "$build" || bad=1
done
sh tests/check/manual_examples.sh "$root" "$build" || bad=1
[ $bad -eq 0 ] || echo "lint: the lines above are against the rules of" \
    "the house; see tests/check" >&2
exit $bad
