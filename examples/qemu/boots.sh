#!/bin/sh
# SPDX-License-Identifier: MIT-0
# Does my 64-bit image use its disk and its network card correctly? QEMU 10.1 or later runs it with our devices, and the
# verdict is the exit status: 0, or 1 if it broke a rule or did not print READY in time.
# Give it the image: --kernel vmlinuz --initrd initrd --disk root.img, or --disk disk.img alone. GUESTRIG_QEMU names another QEMU.
exec ${GUESTRIG:-npx guestrig} boot --on qemu --net gce --until "${READY:-login:}" --limit 5min "$@"
