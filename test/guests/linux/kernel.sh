#!/usr/bin/env bash
# Builds Linux 6.12 for i386 from Debian's source package, by kernel.config, into .cache/guests/kernel-<hash>, named by
# the hash of all that it is made of, and built once for each such hash. The last line of output is that folder. About
# ten minutes on two cores; needs Debian, and root to install packages.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/guests
packages=(linux-source-6.12 linux-libc-dev libc6-dev gcc make flex bison bc libelf-dev xz-utils)
archive=/usr/src/linux-source-6.12.tar.xz

if ! dpkg-query -s "${packages[@]}" >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

inputs=$(
  cat "$here/kernel.sh" "$here/kernel.config"
  dpkg-query -W -f '${Package} ${Version}\n' linux-source-6.12 gcc
)
target=$cache/kernel-$(sha256sum <<<"$inputs" | cut -c 1-16)
if [ -e "$target" ]; then
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

gcc -o "$work/made/gen_init_cpio" usr/gen_init_cpio.c
cp -r vmlinux arch/x86/boot/bzImage .config tools/include/nolibc "$work/made"
mv "$work/made" "$target"
echo "$target"
