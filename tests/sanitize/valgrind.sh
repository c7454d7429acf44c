#!/bin/sh
# valgrind.sh [O] - the unit tests and some whole runs under valgrind: what
# the sanitizers don't see, bytes that were never set, in libraries too.
#
# A report is a file in a folder, and fails the run, as does an exit code
# that is not the program's own.  Leaks are left to the sanitizers: they don't
# count what a killed process had.

set -u

cd "$(dirname "$0")/../.." || exit 1
O=${1:-build}
case $O in
/*) ;;
*) O=$PWD/$O ;;
esac
here=$PWD/tests/sanitize
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$dir/reports" "$dir/bin"
failed=0

# wrap FILE: a program of this name that runs FILE under valgrind
wrap() {
	cat >"$dir/bin/$(basename "$1")" <<END
#!/bin/sh
exec valgrind -q --vgdb=no --trace-children=yes --error-exitcode=99 \\
    --trace-children-skip='*/python3*,*/openssl,*/sh,*/dash,*/hledger' \\
    --num-callers=20 --suppressions='$here/foreign.supp' \\
    --log-file='$dir/reports/%p' '$1' "\$@"
END
	chmod +x "$dir/bin/$(basename "$1")"
}

# Is anything found at all?  A jump on a byte that was never set.
cat >"$dir/faulty.c" <<'END'
#include <stdlib.h>

int main(void)
{
	volatile char *p = malloc(1);

	return *p == 'a' ? 2 : 3;
}
END
${CC:-gcc} -O0 -g -o "$dir/faulty" "$dir/faulty.c" || exit 1
wrap "$dir/faulty"
"$dir/bin/faulty" >/dev/null 2>&1
code=$?
if [ $code -ne 99 ] || ! cat "$dir"/reports/* | grep -q uninitialised; then
	echo "valgrind.sh: no report of a planted fault, exit code $code"
	failed=1
fi
rm -f "$dir"/reports/*

${MAKE:-make} -s -j2 O="$O" programs || exit 1
# Not those that measure time, map more than valgrind can, or try so many
# values that it would take minutes.
for t in "$O"/unit/*_test; do
	case $(basename "$t" _test) in
	http | http_fault | yaml | dbfull | map | clock | zone) ;;
	basket | basket_refund | daybook | summary) ;;
	*) wrap "$t" ;;
	esac
done
sh tests/unit/run.sh "$dir"/bin/*_test || failed=1
wrap "$O/salesync"
/usr/bin/python3 tests/flow/run.py --binary "$dir/bin/salesync" --slow 10 \
    --jobs 2 sync.first pipe.pipe pipe.filter lost.reset_2 lost.search_lag \
    refusal.vat_rule store.tenant_restored shop.surrogate dedupe.booked_twice \
    keep.nothing_due secret.wrong_token secret.new_master_key || failed=1
for report in "$dir"/reports/*; do
	[ -s "$report" ] || continue
	failed=1
	echo "--- $(basename "$report")"
	head -n 60 "$report"
done
exit $failed
