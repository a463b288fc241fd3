#!/usr/bin/env bash
# Builds what the guest with busybox gets besides, to make file systems: Debian's e2fsprogs for i386 with their libraries, as they
# are, and our program for persistent reservations, in an archive that goes behind that guest's. It is in
# .cache/guests/e2fsprogs-<hash>, named by the hash of all that it is made of. The last line of output is that folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=$("$here/../linux/kernel.sh" | tail -n 1)
cache=$(dirname "$kernel")
hash=$(cat "$here"/* "$here/../apt.sh" <(basename "$kernel") | sha256sum | cut -c 1-16)
target=$cache/e2fsprogs-$hash
if [ -e "$target" ]; then
  echo "$target"
  exit
fi

work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made" "$work/root"
. "$here/../apt.sh"
apt_of_its_own "$work" trixie
(cd "$work" && apt-get download -qq e2fsprogs libext2fs2t64 libcom-err2 libblkid1 libuuid1 libc6 >&2)
for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$work/root"; done

gcc -m32 -Os -Wall -Werror -static -nostdlib -ffreestanding -fno-pic -no-pie -fno-stack-protector \
  -fno-asynchronous-unwind-tables -isystem /usr/include/x86_64-linux-gnu \
  -include "$kernel/nolibc/nolibc.h" -o "$work/reserve" "$here/reserve.c"
{
  printf '%s\n' 'dir /lib 0755 0 0' 'dir /bin 0755 0 0' "file /bin/reserve $work/reserve 0755 0 0"
  for name in mke2fs resize2fs; do echo "file /bin/$name $work/root/usr/sbin/$name 0755 0 0"; done
  for name in libext2fs.so.2 libe2p.so.2 libcom_err.so.2 libblkid.so.1 libuuid.so.1 libc.so.6 ld-linux.so.2; do
    echo "file /lib/$name $(find -L "$work/root" -name "$name" | head -n 1) 0755 0 0"
  done
} >"$work/list"
"$kernel/gen_init_cpio" -t 0 "$work/list" >"$work/made/tools"
mv "$work/made" "$target"
echo "$target"
