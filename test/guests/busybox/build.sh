#!/usr/bin/env bash
# Builds the guest on the network: the test kernel, and an initramfs with Debian's busybox-static for i386, as it is, and our
# scripts. Both go to .cache/guests/busybox-<hash>, named by the hash of all that they are made of. The last line of output is
# that folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=$("$here/../linux/kernel.sh" | tail -n 1)
cache=$(dirname "$kernel")
hash=$(cat "$here"/* "$here/../apt.sh" <(basename "$kernel") | sha256sum | cut -c 1-16)
target=$cache/busybox-$hash
if [ -e "$target" ]; then
  echo "$target"
  exit
fi

work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made" "$work/root"
. "$here/../apt.sh"
apt_of_its_own "$work" trixie
(cd "$work" && apt-get download -qq busybox-static >&2)
dpkg-deb --extract "$work"/busybox-static_*.deb "$work/root"
busybox=$(find "$work/root" -path '*/bin/busybox')

for name in run features; do
  gcc -m32 -Os -Wall -Werror -static -nostdlib -ffreestanding -fno-pic -no-pie -fno-stack-protector \
    -fno-asynchronous-unwind-tables -isystem /usr/include/x86_64-linux-gnu \
    -include "$kernel/nolibc/nolibc.h" -o "$work/$name" "$here/$name.c"
done
printf '%s\n' 'dir /dev 0755 0 0' 'nod /dev/console 0600 0 0 c 5 1' 'dir /bin 0755 0 0' \
  "file /bin/busybox $busybox 0755 0 0" "file /bin/features $work/features 0755 0 0" \
  "file /init $work/run 0755 0 0" "file /init.sh $here/init.sh 0644 0 0" \
  "file /lease $work/run 0755 0 0" "file /lease.sh $here/lease.sh 0644 0 0" >"$work/list"
"$kernel/gen_init_cpio" -t 0 "$work/list" >"$work/made/initrd"
ln "$kernel/vmlinux" "$work/made"
mv "$work/made" "$target"
echo "$target"
