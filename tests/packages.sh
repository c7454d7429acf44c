#!/bin/sh
# packages.sh NAME... - sees to it that these Debian packages are installed.
#
# Says which are missing and installs those with apt-get, as root or through
# sudo, and does nothing else with those rights.  Where neither is there it
# prints the line to run and exits 1.

set -u

if ! command -v dpkg-query >/dev/null 2>&1; then
	echo "packages.sh: no dpkg here; taken to be installed: $*" >&2
	exit 0
fi

installed() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = \
	    installed ]
}

missing=
for p in "$@"; do
	installed "$p" || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

echo "missing packages:$missing"
if [ "$(id -u)" -eq 0 ]; then
	as=
elif command -v sudo >/dev/null 2>&1 &&
    { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
	as=sudo
	echo "root is needed to install them, and for nothing else"
else
	echo "root is needed to install them, and for nothing else; run:" >&2
	echo "  apt-get install -y --no-install-recommends$missing" >&2
	exit 1
fi

install() {
	# shellcheck disable=SC2086 # the words are package names
	$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
	    --no-install-recommends $missing
}

# A fresh system has no package lists yet.
install || { $as apt-get update -q && install; }
for p in $missing; do
	installed "$p" || { echo "$p could not be installed" >&2; exit 1; }
done
