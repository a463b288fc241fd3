#!/bin/sh
# A kernel of 64 bits, as an ELF file that is loaded and begins at 2 MiB: build.sh INTO
set -eu
gcc -m64 -O1 -ffreestanding -nostdlib -static -no-pie -fno-pic -mno-red-zone -mgeneral-regs-only -fno-stack-protector \
  -fno-asynchronous-unwind-tables -fcf-protection=none -Wall -Wno-unused-parameter -Wl,-Ttext-segment=0x200000 -Wl,--build-id=none -Wl,-z,norelro \
  -Wl,-z,max-page-size=4096 -o "$1" "$(dirname "$0")/guest.c"
