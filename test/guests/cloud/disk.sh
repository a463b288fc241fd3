#!/usr/bin/env bash
# Makes a disk with Debian 13 for x86-64 as Compute Engine could take it: its packages are those of Debian's cloud images (the kernel for
# clouds, cloud-init, OpenSSH, chrony) and the guest agent; GRUB for a BIOS and for a UEFI, a GPT, no key and no name of a machine. Goes
# to .cache/guests/cloud-<hash>, named by the hash of this script; the last line of output is that folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/guests
target=$cache/cloud-$(sha256sum "$here/disk.sh" | cut -c 1-16)
if [ -e "$target" ]; then
  echo "$target"
  exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made" "$work/root"
. "$here/../apt.sh"
packages=linux-image-cloud-amd64,initramfs-tools,zstd,systemd-sysv,udev,grub-pc-bin,grub-efi-amd64-bin
packages+=,openssh-server,chrony,cloud-init,google-guest-agent
mmdebstrap --quiet --architectures=amd64 --variant=minbase --include="$packages" \
  trixie "$work/root.tar" "deb $(debian_site) trixie main" >&2
tar --extract --file "$work/root.tar" --directory "$work/root"

root=$work/root
uuid=0f5e0000-0000-4000-8000-000000000001
kernel=$(ls "$root/lib/modules")
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
echo 'server metadata.google.internal iburst' >"$root/etc/chrony/sources.d/gce.sources"
echo "UUID=$uuid / ext4 rw,errors=remount-ro 0 1" >"$root/etc/fstab"
mkdir -p "$root/boot/grub"
cat >"$root/boot/grub/grub.cfg" <<CFG
set timeout=0
menuentry 'Debian GNU/Linux' {
	linux	/boot/vmlinuz-$kernel root=UUID=$uuid ro console=tty0 console=ttyS0,115200
	initrd	/boot/initrd.img-$kernel
}
CFG

# 3 MiB for GRUB's core, an ESP, and the root from 128 MiB on.
disk=$work/made/disk.raw
truncate --size 3G "$disk"
printf '%s\n' 'start=2048, size=6144, type=21686148-6449-6E6F-744E-656564454649' 'start=8192, size=253952, type=U' \
  'start=262144, type=L' | sfdisk --quiet --label gpt "$disk" >&2
mke2fs -q -t ext4 -U "$uuid" -d "$root" -E offset=134217728 "$disk" 3013632k >&2

grub() { # an image of GRUB for a platform, which reads its configuration from the root
  grub-mkimage --format "$1" --directory "$root/usr/lib/grub/$1" --output "$2" --prefix '(hd0,gpt3)/boot/grub' \
    part_gpt ext2 normal linux "${@:3}"
}
grub x86_64-efi "$work/BOOTX64.EFI"
mformat -i "$disk@@4194304" -F -T 253952 -h 16 -s 32 ::
mmd -i "$disk@@4194304" ::/EFI ::/EFI/BOOT
mcopy -i "$disk@@4194304" "$work/BOOTX64.EFI" ::/EFI/BOOT/BOOTX64.EFI

# As grub-bios-setup does: the boot sector says where the core is, its first sector where the rest of it is.
grub i386-pc "$work/core.img" biosdisk
cp "$root/usr/lib/grub/i386-pc/boot.img" "$work/boot.img"
number() { # the bytes of a number at an offset of a file: 8 of them, the low one first
  printf "$(printf '%016x\n' "$3" | fold -w 2 | tac | sed 's/^/\\x/' | tr -d '\n')" |
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
number "$work/boot.img" 92 2048
number "$work/core.img" 500 2049
dd if="$work/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=2048 conv=notrunc status=none
mv "$work/made" "$target"
echo "$target"
