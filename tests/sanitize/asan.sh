#!/bin/sh
# asan.sh [O] - the unit tests and all flows with gcc's sanitizers: addresses,
# undefined behaviour, leaks.
#
# The sanitizers write their reports into a folder, whoever has killed or
# silenced the process; a report there is a failure whatever the tests say.
# Needs root: the program forbids tracing, and the search for leaks traces.

set -u

cd "$(dirname "$0")/../.." || exit 1
O=${1:-build-asan}
case $O in
/*) ;;
*) O=$PWD/$O ;;
esac
reports=$O/reports
flags='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined'
flags="$flags -fno-sanitize-recover=undefined"
# As shared libraries the two take each other's place for their reports.
link="$O/options.o -static-libasan -static-libubsan"
failed=0

rm -rf "$reports"
mkdir -p "$reports"
${CC:-gcc} -DREPORTS="\"$reports\"" -c -o "$O/options.o" \
    tests/sanitize/options.c || exit 1

build() { # TARGET: without the checks that stand in the sanitizers' way
	${MAKE:-make} -s -j2 O="$O" CC="${CC:-gcc}" HARDEN=-fPIE \
	    CFLAGS="$flags" LDFLAGS="$link" "$@"
}

# Is anything found at all?  An overflow, a leak and an undefined shift, in a
# program that can't be traced.
cat >"$O/faulty.c" <<'END'
#include <stdlib.h>
#include <sys/prctl.h>

int main(int argc, char **argv)
{
	char *volatile p = calloc(1, 8);
	int shift = argc + 38;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (argv[1][0] == 'h')
		return p[7 + argc];
	if (argv[1][0] == 's')
		return 1 << shift;
	p = NULL;
	return p != NULL;
}
END
# shellcheck disable=SC2086 # the flags are words
${CC:-gcc} $flags -o "$O/faulty" "$O/faulty.c" $link || exit 1
for fault in heap-buffer-overflow 'detected memory leaks' 'shift exponent'; do
	"$O/faulty" "$fault" >/dev/null 2>&1
	if ! cat "$reports"/* 2>/dev/null | grep -q "$fault"; then
		echo "asan.sh: no report of a planted fault: $fault"
		exit 1
	fi
	rm -f "$reports"/*
done

export BASKETS=20000		# a fifth of what is usual: it is slow here
build all unit || failed=1
/usr/bin/python3 tests/flow/run.py --binary "$O/salesync" --slow 3 ||
    failed=1
for report in "$reports"/*; do
	[ -e "$report" ] || continue
	failed=1
	echo "--- $(basename "$report")"
	head -n 40 "$report"
done
exit $failed
