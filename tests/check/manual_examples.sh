#!/bin/sh
# manual_examples.sh [ROOT [BUILD]] - runs the examples of salesync(1).
#
# A block of the page behind  .\" run [EXIT]  is run, all of them in order in
# one new folder; it must end with EXIT (0) and print what the block behind
# .\" gives  has, or nothing.  Blanks at the ends of lines don't count.

set -u

root=${1:-.}
build=${2:-$root/build}
page=$root/man/salesync.1
bad=0

binary=$(cd "$build" && pwd)/salesync || exit 1
[ -x "$binary" ] || { echo "manual_examples: no $binary" >&2; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/bin" "$work/steps" "$work/place"
ln -s "$binary" "$work/bin/salesync"

# NN.sh, NN.exit, NN.line and NN.want of each example.
awk -v dir="$work/steps" '
function open_step(code) {
	step = sprintf("%s/%03d", dir, ++n)
	printf "" >(step ".sh"); printf "" >(step ".want")
	print code >(step ".exit"); print NR >(step ".line")
	close(step ".exit"); close(step ".line")
}
/^\.\\" run/ { open_step($3 == "" ? 0 : $3); next_is = "sh"; next }
/^\.\\" gives nothing/ { next }
/^\.\\" gives/ { next_is = "want"; next }
/^\.Bd -literal/ { into = next_is; next_is = ""; next }
/^\.Ed/ { into = ""; next }
into != "" {
	gsub(/\\e/, "\\"); gsub(/\\&/, ""); gsub(/\\-/, "-")
	if (into == "sh" && !sub(/^[$>] /, "")) {
		print "line " NR " of the page is no command" >"/dev/stderr"
		exit 1
	}
	print >(step "." into)
}' "$page" || exit 1

tidy() { sed 's/[ 	]*$//' "$1" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' |
    sed '/./,$!d'; }

ran=0
for script in "$work"/steps/*.sh; do
	step=${script%.sh}
	[ -s "$script" ] || continue
	(cd "$work/place" && PATH=$work/bin:$PATH exec sh "$script") \
	    >"$step.got" 2>&1 </dev/null
	code=$?
	ran=$((ran + 1))
	tidy "$step.got" >"$step.got.tidy"
	tidy "$step.want" >"$step.want.tidy"
	line=$(cat "$step.line")
	if [ "$code" -ne "$(cat "$step.exit")" ]; then
		echo "man/salesync.1:$line: ends with $code, not" \
		    "$(cat "$step.exit")"
		cat "$step.got"
		bad=1
	elif ! diff -u "$step.want.tidy" "$step.got.tidy" >"$step.diff"; then
		echo "man/salesync.1:$line: prints something else"
		sed 1,2d "$step.diff"
		bad=1
	fi
done
if [ "$ran" -lt 5 ]; then
	echo "man/salesync.1:1: only $ran examples are run"
	bad=1
fi
exit $bad
