#!/usr/bin/env bash
# Makes a guest whose disks are NVMe: Debian 12's kernel for i386, as it is, and an initramfs with busybox, that kernel's modules
# for NVMe and ext4, Debian's nvme-cli and mke2fs with their libraries, and our script, which does what /todo.sh says. Both go to
# .cache/guests/nvme-<hash>, named by the hash of all that they are made of. The last line of output is that folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=$("$here/../debian/kernel.sh" | tail -n 1)
busybox=$("$here/../busybox/build.sh" | tail -n 1)
tools=$("$here/../linux/kernel.sh" | tail -n 1)
cache=$(dirname "$kernel")
version=${kernel##*/debian-}
hash=$(cat "$here"/* "$here/../apt.sh" <(basename "$kernel" "$busybox") | sha256sum | cut -c 1-16)
target=$cache/nvme-$hash
if [ -e "$target" ]; then
  echo "$target"
  exit
fi

work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made" "$work/root"
. "$here/../apt.sh"
apt_of_its_own "$work" bookworm
(cd "$work" && apt-get download -qq "linux-image-$version" nvme-cli libnvme1 libjson-c5 libdbus-1-3 libssl3 libsystemd0 libcap2 \
  libgcrypt20 libgpg-error0 liblzma5 libzstd1 liblz4-1 zlib1g e2fsprogs libext2fs2 libcom-err2 libblkid1 libuuid1 libc6 >&2)
for package in "$work"/*.deb; do dpkg-deb --extract "$package" "$work/root"; done
depmod -b "$work/root" "$version"

library() { find -L "$work/root" -name "$1" | head -n 1; }
needed() { # the libraries of a program, and theirs
  local name
  for name in $(readelf --dynamic "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    echo "$name"
    needed "$(library "$name")"
  done
}
modules() { # of these, with what each needs in front of it
  local name
  for name; do
    sed -n "s:^\(kernel/.*/$name\.ko\)\: *\(.*\):\1 \2:p" "$work/root/lib/modules/$version/modules.dep" |
      tr ' ' '\n' | sed '/^$/d' | tac
  done | awk '!seen[$0]++'
}
mkdir "$work/modules"
number=10
for path in $(modules nvme crc32c_generic ext4); do
  cp "$work/root/lib/modules/$version/$path" "$work/modules/$((number++))-${path##*/}"
done
programs=("$work/root/usr/sbin/nvme" "$work/root/sbin/mke2fs")
{
  printf '%s\n' 'dir /lib 0755 0 0' 'dir /modules 0755 0 0' 'dir /etc 0755 0 0' 'dir /etc/nvme 0755 0 0' \
    "file /init.sh $here/init.sh 0644 0 0"
  for program in "${programs[@]}"; do echo "file /bin/${program##*/} $program 0755 0 0"; done
  for module in "$work"/modules/*; do echo "file /modules/${module##*/} $module 0644 0 0"; done
  for name in ld-linux.so.2 $(for program in "${programs[@]}"; do needed "$program"; done | sort -u | grep -v ld-linux); do
    echo "file /lib/$name $(library "$name") 0755 0 0"
  done
} >"$work/list"
"$tools/gen_init_cpio" -t 0 "$work/list" >"$work/more"
cat "$busybox/initrd" "$work/more" >"$work/made/initrd"
ln "$kernel/vmlinux" "$work/made"
mv "$work/made" "$target"
echo "$target"
