#!/bin/sh
# selftest.sh [BUILD] - plants a breach of each kind in a copy of the tree and
# sees that the checks find it: a check that can't fail proves nothing.

set -u

cd "$(dirname "$0")/../.." || exit 1
root=$PWD
build=${1:-$root/build}
case $build in
/*) ;;
*) build=$root/$build ;;
esac
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
copy=$dir/tree
mkdir -p "$copy/tests" "$dir/build"
cp -R lib connectors cmd man Makefile "$copy/"
cp -R tests/check "$copy/tests/"
for d in lib connectors cmd; do
	[ -d "$build/$d" ] && cp -R "$build/$d" "$dir/build/"
done

bad=0 done=0

check() { # SCRIPT
	/usr/bin/python3 "tests/check/$1" "$copy" "$dir/build" 2>&1 | sort
}

for s in source symbols manual; do
	check $s.py >"$dir/$s.before"
done

# expect SCRIPT FILE WORDS: behind a plant in FILE the check says WORDS of it,
# which it did not say before; then FILE is put back.
expect() {
	check "$1.py" >"$dir/after"
	if comm -13 "$dir/$1.before" "$dir/after" | grep -q -- "$3"; then
		done=$((done + 1))
	else
		echo "selftest: $1.py does not find: $3 (in $2)" >&2
		bad=1
	fi
	if [ -e "$root/$2" ]; then
		cp "$root/$2" "$copy/$2"
	else
		rm -f "$copy/$2"
	fi
}

put() { # FILE: standard input is appended
	cat >>"$copy/$1"
}

edit() { # FILE SCRIPT: sed, and it must change something
	sed "$2" "$copy/$1" >"$dir/edited"
	cmp -s "$dir/edited" "$copy/$1" &&
	    { echo "selftest: nothing to plant in $1: $2" >&2; bad=1; }
	cp "$dir/edited" "$copy/$1"
}

repeat() { # N TEXT
	/usr/bin/python3 -c 'import sys
print((sys.argv[2] + "\n") * int(sys.argv[1]), end="")' "$1" "$2"
}

# layers
edit lib/str.h 's/#include "rc.h"/#include "rc.h"\n#include "store.h"/'
expect source lib/str.h 'includes store.h, which stands right'
echo '#include "str.h"' | put lib/stray.c
expect source lib/stray.c 'not in lib/ORDER; it may stand right of str'
edit lib/ORDER 's/$/ phantom/'
expect source lib/ORDER 'there is no module phantom'
edit lib/ORDER 's/$/ str/'
expect source lib/ORDER 'str stands twice'
echo '#include "table.h"' | put lib/money.c
expect source lib/money.c 'is not of lib'
echo '#include "store.h"' | put connectors/journal.c
expect source connectors/journal.c 'may not include store.h'
echo '#include "config.h"' | put lib/document.h
expect source lib/document.h 'brings .*.h into a connector'

# foreign libraries
echo '#include <lmdb.h>' | put lib/money.c
expect source lib/money.c 'belongs to lib/db.c alone'
echo '#include <openssl/evp.h>' | put lib/crypt.h
expect source lib/crypt.h 'a header of ours includes'
echo '#include <glib.h>' | put lib/money.c
expect source lib/money.c 'no header that this program uses'

# budgets
{ printf 'static void\nlong_one(void)\n{\n'
  repeat 60 '	;'
  printf '}\n'; } | put lib/rc.c
expect source lib/rc.c 'long_one has 62 lines'
repeat 501 '/* */' | put lib/rc.c
expect source lib/rc.c 'lines, 500 is the most'
repeat 151 '/* */' | put lib/rc.h
expect source lib/rc.h 'lines, 150 is the most'
printf 'void\nmany(int a, int b, int c, int d, int e, int f, int g)\n{\n}\n' |
    put lib/rc.c
expect source lib/rc.c 'many takes 7 parameters'
printf 'void many(int a, int b, int c, int d, int e, int f, int (*g)(int));\n' |
    put lib/rc.h
expect source lib/rc.h 'many takes 7 parameters'
printf 'static void\ndeep(int a)\n{\n\tif (a) {\n\t\tif (a) {\n\t\t\tif (a) {
\t\t\t\tif (a) {\n\t\t\t\t\ta = 1;\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t}\n}\n' |
    put lib/rc.c
expect source lib/rc.c 'nested 4 deep'
printf 'static void\ndeep(int a)\n{\nif (a) {\nif (a) {\nif (a) {\nif (a) {
a = 1;\n}\n}\n}\n}\n}\n' | put lib/rc.c
expect source lib/rc.c 'nested 4 deep'

# jumps
printf 'static void\njump(void)\n{\n\tgoto end;\nend:\n\treturn;\n}\n' |
    put lib/rc.c
expect source lib/rc.c 'label end'
printf 'static void\njump(void)\n{\nout:\n\tgoto out;\n}\n' | put lib/rc.c
expect source lib/rc.c 'goto goes forward'

# banned words
for word in strcpy sprintf strtok atoi sscanf system localtime strncpy; do
	printf 'static int\nf(char *p)\n{\n\treturn %s(p);\n}\n' $word |
	    put lib/rc.c
	expect source lib/rc.c "$word is banned"
done
printf 'static double rate;\n' | put lib/rc.c
expect source lib/rc.c 'double is banned'
printf 'typedef struct money money_t;\n' | put lib/rc.c
expect source lib/rc.c 'typedef of a struct'
printf 'static int\nf(void)\n{\n\treturn getenv("HOME") == NULL;\n}\n' |
    put connectors/journal.c
expect source connectors/journal.c 'getenv is banned'
# and what only looks like it is none
printf '/* strcpy(a, b) and "system(x)" */\nstatic const char *const s =
    "atoi(x) goto nowhere; double";\n' | put lib/rc.c
check source.py | grep -q 'rc.c.*banned' &&
    { echo "selftest: a comment or string is taken for code" >&2; bad=1; }
cp lib/rc.c "$copy/lib/rc.c"

# tidiness
printf 'int a; \n' | put lib/rc.h
expect source lib/rc.h 'blanks at the end'
printf '/* TODO */\n' | put lib/rc.h
expect source lib/rc.h 'TODO: do it'
repeat 1 "/* $(repeat 101 x | tr -d '\n') */" | put lib/rc.h
expect source lib/rc.h 'columns'
printf 'int\n        a;\n' | put lib/rc.h
expect source lib/rc.h 'blanks where a tab'
printf 'int a;' | put lib/rc.h
expect source lib/rc.h 'no line feed at the end'
edit lib/rc.c '1,2d'
expect source lib/rc.c 'does not start with the paragraph'

# symbols
object() { # NAME: standard input is its source
	cat >"$dir/$1.c"
	cp "$dir/build/lib/$1.o" "$dir/kept.o"
	${CC:-cc} -std=c17 -fPIE -c -o "$dir/build/lib/$1.o" "$dir/$1.c"
}
if [ -d "$dir/build/lib" ]; then
	printf 'int foreign(void);\nint foreign(void)\n{\n\treturn 1;\n}\n' |
	    object rc
	expect symbols lib/rc.c 'exports foreign'
	printf 'static int count;\nint rc_n(void);\nint rc_n(void)\n{
	return count++;\n}\n' | object rc
	expect symbols lib/rc.c 'count is a variable'
	printf 'int rc_n(void);\nint rc_n(void)\n{\n\tstatic int seen = 3;
	return seen++;\n}\n' | object rc
	expect symbols lib/rc.c 'seen.* is a variable'
	rm "$dir/build/lib/rc.o"
	expect symbols lib/rc.c 'is missing: run make'
else
	echo "selftest: no objects in $build; symbols.py not tried" >&2
fi

# the manual and the messages
edit man/salesync-stream.5 's/^\.It Cm vat_rate$/.It Cm vat_percentage/'
expect manual man/salesync-stream.5 'vat_percentage exists nowhere'
edit man/salesync-stream.5 's/postcode//g'
expect manual man/salesync-stream.5 'column postcode is not described'
printf '.Xq nonsense\n' | put man/salesync-stream.5
expect manual man/salesync-stream.5 'skipping unknown macro'
printf 'See S799.\n' | put man/salesync-stream.5
expect manual man/salesync-stream.5 'there is no message S799'
rm "$copy/man/salesync-stream.5"
expect manual man/salesync-stream.5 'the page is missing'
edit lib/catalog.def 's/"S102"/"S101"/'
expect manual lib/catalog.def 'stands twice'
edit lib/catalog.def 's/M_MEMORY, "S108"/M_MEMORY, "S901"/'
expect manual lib/catalog.def 'S901 is no code'
printf 'MSG(M_QUIET, "S799", LEVEL_INFO, 0, OWNER_NOBODY,\n    "a",
    "b", "c", "d", "e")\n' | put lib/catalog.def
expect manual lib/catalog.def 'M_QUIET: nobody says it'
printf 'MSG(M_QUIET, "S799", LEVEL_INFO, 0, OWNER_NOBODY,\n    "a",
    "", "c", "d", "e")\n' | put lib/catalog.def
expect manual lib/catalog.def 'M_QUIET: sentence, cause'
printf 'MSG(M_QUIET, "S799", LEVEL_INFO, 7, OWNER_NOBODY,\n    "a",
    "b", "c", "d", "e")\n' | put lib/catalog.def
expect manual lib/catalog.def '7 is no exit code'
if [ -e man/salesync.1 ]; then
	sed 's/"dry-run"/"wet-run"/' cmd/purge.c >"$copy/cmd/purge.c"
	expect manual cmd/purge.c 'option wet-run is not described'
	sed 's/\.name = "purge"/.name = "clean"/' cmd/purge.c \
	    >"$copy/cmd/purge.c"
	expect manual cmd/purge.c 'command clean is not described'
	printf '.Bl -tag\n.It Fl -nonsense\n.El\n' | put man/salesync.1
	expect manual man/salesync.1 'there is no option --nonsense'
fi
if [ -e man/sync.yaml.5 ]; then
	sed 's/"time_limit"/"time_boundary"/' lib/config.c \
	    >"$copy/lib/config.c"
	expect manual lib/config.c 'key time_boundary is not described'
fi
if [ -e man/salesync-connectors.7 ]; then
	sed 's/"decimal_comma"/"decimal_point"/' connectors/folder.c \
	    >"$copy/connectors/folder.c"
	expect manual connectors/folder.c "folder's decimal_point is not"
fi

[ $bad -eq 0 ] && echo "selftest: $done planted breaches, all found"
exit $bad
