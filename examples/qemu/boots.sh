#!/bin/sh
# Does my 64-bit image do right by its disk and its network card? QEMU 10.1 or later runs it, our devices are before it, and the
# verdict is the exit status: 0, or 1 where it broke a rule or did not print in time what READY says.
# Give it the image: --kernel vmlinuz --initrd initrd --disk root.img, or --disk disk.img alone. GUESTRIG_QEMU names another QEMU.
exec ${GUESTRIG:-npx guestrig} boot --on qemu --net gce --until "${READY:-login:}" --limit 5min "$@"
