#!/bin/sh
# run.sh [--quick] - the README's commands on a Debian 12 with nothing on it.
#
# Makes a system of required packages alone in a temporary folder, puts a
# clone of HEAD there, and runs the demo and the tests in it, as somebody
# would who has just been given a machine.  --quick: some of the flows alone.
# Needs root, debootstrap and a mirror (MIRROR); exit code 77 where these are
# not.

set -u

cd "$(dirname "$0")/../.." || exit 1
mirror=${MIRROR:-http://deb.debian.org/debian}
flows=
[ "${1:-}" != --quick ] || flows='sync. store. runs. keep.logs'
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null ||
    ! unshare -m -p -f true; then
	echo "fresh/run.sh: skipped: no root, debootstrap or namespaces"
	exit 77
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$dir"
if ! debootstrap --variant=minbase bookworm "$dir/system" "$mirror" \
    >"$dir/debootstrap.log" 2>&1; then
	tail -n 20 "$dir/debootstrap.log"
	exit 1
fi
cat >"$dir/system/etc/apt/sources.list" <<END
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb $mirror-security bookworm-security main
END
cp /etc/resolv.conf /etc/hosts "$dir/system/etc/"
git clone -q --no-local . "$dir/system/root/salesync" || exit 1
cat >"$dir/system/root/inside.sh" <<END
#!/bin/sh
set -e
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /tmp
cd /root/salesync
for tool in make gcc python3 openssl curl git; do
	if command -v \$tool >/dev/null; then
		echo "\$tool is there already: this is no bare system" >&2
		exit 1
	fi
done
echo "== sh tests/demo/run.sh"
sh tests/demo/run.sh
echo "== make demo"
make demo >/dev/null
echo "== make check"
make check FLOWS='$flows'
END

# The mounts are gone with the last process, whoever ends it.
unshare -m -p -f --kill-child --propagation private sh -c '
	mount --bind "$1" "$1" && mount --rbind /dev "$1/dev" &&
	    exec chroot "$1" /usr/bin/env -i HOME=/root TERM=dumb \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin sh /root/inside.sh' \
	sh "$dir/system"
code=$?
[ $code -eq 0 ] || echo "fresh/run.sh: exit code $code"
exit $code
