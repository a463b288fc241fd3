#!/usr/bin/env bash
# Fetches GNU Mach as Debian 13 has it for i386, and unpacks its kernel, to .cache/guests/mach-<version>; the last line of output is that
# folder.
set -euo pipefail
. "$(dirname "$0")/../apt.sh"

made_of() {
  dpkg-deb --fsys-tarfile "$1" | tar --extract --to-stdout --wildcards './boot/gnumach-*.gz' | gunzip >"$2/gnumach"
}

guest_of_package mach trixie gnumach-image-1-486
