#!/bin/sh
# run.sh PROGRAM... - runs unit tests two at a time; a line each, and what a
# failed one printed.  From the project's root: some read files of the tree.

set -u
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export out

printf '%s\n' "$@" | xargs -P 2 -I{} sh -c '
	name=$(basename "{}")
	if "{}" >"$out/$name" 2>&1; then
		echo "ok      $name"
	else
		mv "$out/$name" "$out/$name.bad"
		echo "FAILED  $name"
	fi'
failed=0
for bad in "$out"/*.bad; do
	[ -e "$bad" ] || continue
	failed=$((failed + 1))
	echo "--- $(basename "$bad" .bad)"
	tail -n 60 "$bad"
done
echo "$(($# - failed)) passed, $failed failed"
[ $failed -eq 0 ]
