#!/bin/sh
# run.sh [BUILD [--all]] - the crash suites, with the salesync in BUILD.
#
#   kill     SIGKILL at every system call       lost    answers that get lost
#   faults   a disk that fails at every call    mutants each protection, gone
#   subject  SIGKILL while a debtor is erased; invoices, while some go in
#
# A minute or ten; --all takes the calls before the first that matters one by
# one as well, and each call that only reads.  Exits 77 where processes can't
# be traced.

cd "$(dirname "$0")/../.." || exit 1
O=${1:-build}
export O
[ $# -eq 0 ] || shift
python=/usr/bin/python3
[ -x $python ] || python=python3

sh tests/packages.sh strace openssl faketime python3 gcc || exit 77
if ! strace -qq -o /dev/null true; then
	echo "crash: processes can't be traced here" >&2
	exit 77
fi

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
trap 'exit 1' HUP INT TERM

suite() {
	name=$1
	shift
	$python "tests/crash/$name.py" "$@" >"$logs/$name" 2>&1
	echo $? >"$logs/$name.code"
}

# One waits for the processor, the others for the clock.
suite kill "$@" &
(suite lost; suite subject; suite invoices; suite mutants; suite faults "$@") &
wait

bad=0
for name in kill lost subject invoices mutants faults; do
	echo "== $name"
	cat "$logs/$name"
	[ "$(cat "$logs/$name.code")" = 0 ] || bad=1
done
exit $bad
