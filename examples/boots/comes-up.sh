#!/bin/sh
# SPDX-License-Identifier: MIT-0
# Does my image come up on Compute Engine? If it takes an address by DHCP, fetches its metadata, and prints READY: exit 0.
# Anything else, such as a crash, a broken rule, or two minutes of its time without that line: exit 1.
# Give it the image: --kernel vmlinux --initrd initrd, or --firmware bios.bin --disk disk.img.
exec ${GUESTRIG:-npx guestrig} boot --net gce --metadata "$(dirname "$0")/metadata.json" \
  --until "${READY:-my service is up on }" --limit 2min "$@"
