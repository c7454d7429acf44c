#!/bin/sh
# run.sh [O [SECONDS]] - builds the fuzzers with clang and runs each for so
# long, from seed $SEED (1).  What it finds stays in O/found.

set -u

cd "$(dirname "$0")/../.." || exit 1
O=${1:-build-fuzz}
seconds=${2:-20}
flags='-O1 -g -fsanitize=fuzzer-no-link,address,undefined'
flags="$flags -fno-sanitize-recover=undefined"
rm -rf "$O/found" "$O/corpus"
mkdir -p "$O/found"
${MAKE:-make} -s -j2 O="$O" CC=clang HARDEN=-fPIE WERROR=-Werror \
    CFLAGS="$flags" fuzzers || exit 1

failed=0
for f in "$O"/fuzz/*_fuzz; do
	name=$(basename "$f" _fuzz)
	mkdir -p "$O/corpus/$name"
	seeds=
	[ ! -d "tests/fuzz/seeds/$name" ] || seeds=tests/fuzz/seeds/$name
	# shellcheck disable=SC2086 # none, or one
	if "$f" -seed="${SEED:-1}" -max_total_time="$seconds" \
	    -max_len=4096 -rss_limit_mb=1024 \
	    -artifact_prefix="$O/found/$name-" "$O/corpus/$name" $seeds \
	    >"$O/fuzz/$name.log" 2>&1 &&
	    grep '^Done [0-9]* runs' "$O/fuzz/$name.log" >"$O/fuzz/$name.done"
	then
		echo "ok      $name: $(cat "$O/fuzz/$name.done")"
	else
		echo "FAILED  $name"
		tail -n 60 "$O/fuzz/$name.log"
		failed=1
	fi
done
exit $failed
