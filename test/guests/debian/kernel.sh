#!/usr/bin/env bash
# Fetches Debian 12's kernel for i386 as it is, by apt from where this machine's own packages come, and unpacks its vmlinux, so
# that no boot unpacks it again. Both go to .cache/guests/debian-<version>; the last line of output is that folder.
set -euo pipefail
cache=$(cd "$(dirname "$0")/../../.." && pwd)/.cache/guests
release=bookworm
mkdir -p "$cache"
have=$(find "$cache" -maxdepth 1 -name 'debian-*' | head -n 1)
if [ -n "$have" ]; then
  echo "$have"
  exit
fi

work=$(mktemp -d "$cache/build-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/made"
site=$(apt-get indextargets --format '$(SITE)' 'Origin: Debian' 'Created-By: Packages' | head -n 1)
echo "deb $site $release main" >"$work/sources"
cat >"$work/apt.conf" <<END
Dir::Etc::sourcelist "$work/sources";
Dir::Etc::sourceparts "-";
Dir::State::lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work";
APT::Architecture "i386";
APT::Architectures { "i386"; };
APT::Sandbox::User "root";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq >&2
package=$(apt-cache depends linux-image-686 | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p')
(cd "$work" && apt-get download -qq "$package" >&2)
dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar --extract --directory "$work" --wildcards './boot/vmlinuz-*'
mv "$work"/boot/vmlinuz-* "$work/made/vmlinuz"

# Boot protocol: the sectors of setup, and in the code behind them the payload, an ELF file packed by xz.
number() { od --address-radix=n --format="u$2" --skip-bytes="$1" --read-bytes="$2" "$work/made/vmlinuz" | tr -d ' '; }
payload=$(((1 + $(number 497 1)) * 512 + $(number 584 4)))
tail --bytes="+$((payload + 1))" "$work/made/vmlinuz" | head --bytes="$(number 588 4)" |
  xz --decompress --single-stream >"$work/made/vmlinux"
target=$cache/debian-${package#linux-image-}
mv "$work/made" "$target"
echo "$target"
