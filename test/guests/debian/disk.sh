#!/usr/bin/env bash
# Makes a disk with Debian 12 for i386 as its packages are: minbase, systemd, the stock kernel and its initramfs, and GRUB in front of
# them, as grub-install lays it. It asks DHCP for its address, and lets root in on the first serial port without a password. Goes to
# .cache/guests/bookworm-<hash>, named by the hash of this script; the last line of output is that folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/guests
target=$cache/bookworm-$(cat "$here/disk.sh" "$here/grub.cfg" | sha256sum | cut -c 1-16)
if [ -e "$target" ]; then
  echo "$target"
  exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made" "$work/root"
. "$here/../apt.sh"
packages=linux-image-686,initramfs-tools,zstd,systemd-sysv,udev,iproute2
mmdebstrap --quiet --architectures=i386 --variant=minbase --include="$packages" \
  --customize-hook='chroot "$1" passwd --quiet --delete root' \
  --customize-hook='chroot "$1" systemctl --quiet enable systemd-networkd' \
  bookworm "$work/root.tar" "deb $(debian_site) bookworm main" >&2
tar --extract --file "$work/root.tar" --directory "$work/root"
echo guest >"$work/root/etc/hostname"
echo '/dev/sda1 / ext4 errors=remount-ro 0 1' >"$work/root/etc/fstab"
printf '[Match]\nName=en* eth*\n[Network]\nDHCP=ipv4\n[DHCPv4]\nUseMTU=yes\n' >"$work/root/etc/systemd/network/lan.network"
mkdir -p "$work/root/boot/grub"
cp "$here/grub.cfg" "$work/root/boot/grub"

# A partition from 1 MiB on, before which GRUB has room: boot.img in the first sector, core.img from the second.
disk=$work/made/disk.img
truncate --size 1G "$disk"
echo 'start=2048, type=83, bootable' | sfdisk --quiet --label dos "$disk" >&2
mke2fs -q -t ext4 -d "$work/root" -E offset=1048576 "$disk" 1047552k >&2
grub-mkimage --format i386-pc --output "$work/core.img" --prefix '(hd0,msdos1)/boot/grub' \
  biosdisk part_msdos ext2 normal linux
dd if=/usr/lib/grub/i386-pc/boot.img of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
# For who starts them without SeaBIOS and GRUB.
cp --dereference "$work/root/vmlinuz" "$work/root/initrd.img" "$work/made"
mv "$work/made" "$target"
echo "$target"
