#!/usr/bin/env bash
# Builds the test guest: Linux 6.12 for i386 from Debian's source package, and an initramfs with our init. Both go to
# .cache/guests/linux-<hash>, named by the hash of all that they are made of, and are built once for each such hash.
# The last line of output is that folder. About ten minutes on two cores; needs Debian, and root to install packages.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/guests
packages=(linux-source-6.12 linux-libc-dev gcc make flex bison bc libelf-dev xz-utils)
archive=/usr/src/linux-source-6.12.tar.xz

if ! dpkg-query -s "${packages[@]}" >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

inputs=$(
  cat "$here/build.sh" "$here/kernel.config" "$here/init.c"
  dpkg-query -W -f '${Package} ${Version}\n' linux-source-6.12 gcc
)
target=$cache/linux-$(sha256sum <<<"$inputs" | cut -c 1-16)
if [ -e "$target/vmlinux" ]; then
  echo "$target"
  exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/linux" "$work/made"
tar --extract --file "$archive" --directory "$work/linux" --strip-components 1
cd "$work/linux"

# Nothing of this machine or this hour goes into the kernel.
export ARCH=i386 KBUILD_BUILD_TIMESTAMP=1970-01-01 KBUILD_BUILD_USER=guest KBUILD_BUILD_HOST=guest
{
  make -s tinyconfig
  ./scripts/kconfig/merge_config.sh -m .config "$here/kernel.config"
  make -s olddefconfig
} >"$work/config.log" 2>&1
# What the fragment asks for must have come true: an option may have been renamed, or want another one.
while read -r wanted; do
  case $wanted in
    *=n) ! grep -q "^${wanted%n}" .config ;;
    CONFIG_*) grep -qxF "$wanted" .config ;;
  esac || { echo "kernel.config: $wanted did not come true" >&2; exit 1; }
done <"$here/kernel.config"
nice make -s -j"$(nproc)" bzImage >"$work/make.log" 2>&1 || { tail -n 40 "$work/make.log" >&2; exit 1; }

# The kernel's own C library: headers only, so no 32-bit library is needed.
gcc -m32 -Os -Wall -Werror -static -nostdlib -ffreestanding -fno-pic -no-pie -fno-stack-protector \
  -fno-asynchronous-unwind-tables -isystem /usr/include/x86_64-linux-gnu \
  -include tools/include/nolibc/nolibc.h -o "$work/init" "$here/init.c"
gcc -o "$work/gen_init_cpio" usr/gen_init_cpio.c
printf '%s\n' "dir /dev 0755 0 0" "nod /dev/console 0600 0 0 c 5 1" "file /init $work/init 0755 0 0" >"$work/list"
"$work/gen_init_cpio" -t 0 "$work/list" >"$work/made/initrd"

cp vmlinux arch/x86/boot/bzImage .config "$work/made"
mv "$work/made" "$target"
echo "$target"
