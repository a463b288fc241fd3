#!/bin/sh
# Does my image come up on Compute Engine? Takes an address by DHCP, fetches its metadata, and says so on the console: exit 0.
# Anything else, a crash and a broken rule among it, or two minutes of its time without a word: exit 1.
# Give it the image: --kernel vmlinux --initrd initrd, or --firmware bios.bin --disk disk.img.
exec ${GUESTRIG:-npx guestrig} boot --net gce --metadata "$(dirname "$0")/metadata.json" \
  --until "${READY:-my service is up on }" --limit 2min "$@"
