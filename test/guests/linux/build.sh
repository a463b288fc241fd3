#!/usr/bin/env bash
# Builds the test guest: a kernel by kernel.sh, and an initramfs with our init. Both go to .cache/guests/linux-<hash>,
# named by the hash of all that they are made of. The last line of output is that folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=$("$here/kernel.sh")
hash=$(cat "$here/build.sh" "$here/init.c" <(basename "$kernel") | sha256sum | cut -c 1-16)
target=$(dirname "$kernel")/linux-$hash
if [ -e "$target" ]; then
  echo "$target"
  exit
fi

work=$(mktemp -d "$(dirname "$kernel")/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made"
# On the kernel's own C library, which is headers only, so that no 32-bit library is needed.
gcc -m32 -Os -Wall -Werror -static -nostdlib -ffreestanding -fno-pic -no-pie -fno-stack-protector \
  -fno-asynchronous-unwind-tables -isystem /usr/include/x86_64-linux-gnu \
  -include "$kernel/nolibc/nolibc.h" -o "$work/init" "$here/init.c"
printf '%s\n' "dir /dev 0755 0 0" "nod /dev/console 0600 0 0 c 5 1" "file /init $work/init 0755 0 0" >"$work/list"
"$kernel/gen_init_cpio" -t 0 "$work/list" >"$work/made/initrd"
ln "$kernel/vmlinux" "$kernel/bzImage" "$work/made"
mv "$work/made" "$target"
echo "$target"
