#!/usr/bin/env bash
# Fetches Debian 12's kernel for i386 as it is, by apt from where this machine's own packages come, and unpacks its vmlinux, so
# that no boot unpacks it again. Both go to .cache/guests/debian-<version>; the last line of output is that folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/guests
mkdir -p "$cache"
have=$(find "$cache" -maxdepth 1 -name 'debian-*' | head -n 1)
if [ -n "$have" ]; then
  echo "$have"
  exit
fi

work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/made"
. "$here/../apt.sh"
apt_of_its_own "$work" bookworm
package=$(apt-cache depends linux-image-686 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p')
(cd "$work" && apt-get download -qq "$package" >&2)
dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar --extract --directory "$work" --wildcards './boot/vmlinuz-*'
mv "$work"/boot/vmlinuz-* "$work/made/vmlinuz"

# Boot protocol: the sectors of setup, and in the code behind them the payload, an ELF file packed by xz and four bytes that say
# how long it was. Nobody is to stop before who writes to him has ended.
number() { od --address-radix=n --format="u$2" --skip-bytes="$1" --read-bytes="$2" "$work/made/vmlinuz" | tr -d ' '; }
payload=$(((1 + $(number 497 1)) * 512 + $(number 584 4)))
head --bytes="$((payload + $(number 588 4) - 4))" "$work/made/vmlinuz" | tail --bytes="+$((payload + 1))" |
  xz --decompress >"$work/made/vmlinux"
target=$cache/debian-${package#linux-image-}
mv "$work/made" "$target"
echo "$target"
