#!/usr/bin/env bash
# Fetches GNU Mach as Debian 13 has it for i386, and unpacks its kernel, to .cache/guests/mach-<version>; the last line of output is that
# folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/guests
mkdir -p "$cache"
have=$(find "$cache" -maxdepth 1 -name 'mach-*' | head -n 1)
if [ -n "$have" ]; then
  echo "$have"
  exit
fi

work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made"
. "$here/../apt.sh"
apt_of_its_own "$work" trixie
package=$(apt-cache depends gnumach-image-1-486 | sed -n 's/.*Depends: \(gnumach-image-.*\)/\1/p')
(cd "$work" && apt-get download -qq "$package" >&2)
dpkg-deb --extract "$work/$package"_*.deb "$work/unpacked"
gunzip --stdout "$work"/unpacked/boot/gnumach-*.gz >"$work/made/gnumach"
target=$cache/mach-${package#gnumach-image-}
mv "$work/made" "$target"
echo "$target"
