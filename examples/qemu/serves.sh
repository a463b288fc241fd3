#!/bin/sh
# SPDX-License-Identifier: MIT-0
# One device of ours for a QEMU of your own: serves.sh SOCKET, and then QEMU with
#   -machine pc,memory-backend=ram -object memory-backend-memfd,id=ram,size=1G,share=on -m 1G
#   -device '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"SOCKET"}}'
# The verdict on its driver comes when QEMU has ended; its log is driver.jsonl, for guestrig judge-log.
socket=${1:?usage: serves.sh SOCKET [OPTION…]}
shift
exec ${GUESTRIG:-npx guestrig} serve vfio-user --device "${DEVICE:-net}" --socket "$socket" --trace driver.jsonl "$@"
