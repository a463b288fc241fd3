#!/bin/sh
# SPDX-License-Identifier: MIT-0
# A QEMU with vfio-user, 10.1 or later, where the system's own is older, such as on Debian 13: gets-qemu.sh FOLDER.
# It is the one of Debian's next release, with libraries of its own, unpacked there; nothing is installed, and root is not needed.
# MIRROR names another than the system's own.
set -u
folder=${1:?usage: gets-qemu.sh FOLDER}

fail() {
  echo "gets-qemu.sh: $1" >&2
  exit 1
}

quietly() { # runs a command; if it fails, an error that it printed says why, or else its last line
  "$@" >"$said" 2>&1 || fail "$(grep -m 1 -E '^[EW]: ' "$said" || tail -n 1 "$said")"
}

apt() {
  quietly timeout 300 apt-get -qq -y -o Acquire::Retries=1 -o Acquire::http::Timeout=15 -o APT::Update::Error-Mode=any \
    -o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$lists/lists" \
    -o "Dir::State::status=$lists/status" -o "Dir::Cache=$lists/cache" "$@"
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail 'needs apt-get and dpkg-deb, as Debian has them'
[ "$(dpkg --print-architecture)" = amd64 ] || fail 'is for x86-64'
mkdir -p "$folder" && folder=$(cd "$folder" && pwd) || exit 1
root=$folder/root lists=$folder/apt said=$folder/said
mkdir -p "$root" "$lists/lists/partial" "$lists/cache/archives/partial" || exit 1
own=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep '/debian/*$' | head -n 1)
for keys in /usr/share/keyrings/debian-archive-keyring.*; do [ -e "$keys" ] && break; done
echo "deb [signed-by=$keys] ${MIRROR:-${own:-http://deb.debian.org/debian}} forky main" >"$lists/sources.list"
# No package counts as installed, so that all that it needs comes with it, down to libc.
: >"$lists/status"
apt update
apt --no-install-recommends --download-only install qemu-system-x86
for package in "$lists"/cache/archives/*.deb; do quietly dpkg-deb -x "$package" "$root"; done
rm -rf "$lists" "$said"

libraries=$root/usr/lib/x86_64-linux-gnu
cat >"$folder/qemu" <<END
#!/bin/sh
exec '$libraries/ld-linux-x86-64.so.2' --library-path '$libraries:$root/usr/lib' \\
  '$root/usr/bin/qemu-system-x86_64' -L '$root/usr/share/qemu' -L '$root/usr/share/seabios' "\$@"
END
chmod +x "$folder/qemu"
quietly "$folder/qemu" --version
echo "$folder/qemu is $(head -n 1 "$said"): guestrig boot --on qemu:$folder/qemu"
rm -f "$said"
