#!/usr/bin/env bash
# Fetches Debian 12's kernel for i386, unmodified, by apt from this machine's own package source, and unpacks its vmlinux, so
# that no boot unpacks it again. Both go to .cache/guests/debian-<version>; the last line of output is that folder.
set -euo pipefail
. "$(dirname "$0")/../apt.sh"

number() { od --address-radix=n --format="u$3" --skip-bytes="$2" --read-bytes="$3" "$1" | tr -d ' '; }

# Boot protocol: the sectors of setup, and in the code behind them the payload, an ELF file packed by xz and four bytes that say
# how long it was. No reader of a pipe may stop before its writer has ended.
made_of() {
  local image=$2/vmlinuz payload
  dpkg-deb --fsys-tarfile "$1" | tar --extract --to-stdout --wildcards './boot/vmlinuz-*' >"$image"
  payload=$(((1 + $(number "$image" 497 1)) * 512 + $(number "$image" 584 4)))
  head --bytes="$((payload + $(number "$image" 588 4) - 4))" "$image" | tail --bytes="+$((payload + 1))" |
    xz --decompress >"$2/vmlinux"
}

guest_of_package debian bookworm linux-image-686
