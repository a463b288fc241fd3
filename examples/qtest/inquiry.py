# SPDX-License-Identifier: MIT-0
"""Enumerates PCI, prints on COM1, and sends INQUIRY to a disk behind virtio-scsi: python3 inquiry.py [COMMAND…]"""

import struct
import sys

from qtest import Qtest

COM1 = 0x3F8
SCSI = (0x1AF4, 0x1004)
RING, REQUEST, RESPONSE, DATA = 0x10_0000, 0x12_0000, 0x12_1000, 0x12_2000
NEXT, WRITE = 1, 2
ACKNOWLEDGE, DRIVER, DRIVER_OK = 1, 2, 4
COMMANDS = 2


def config(machine, slot, register, width=4, value=None):
    machine.out(0xCF8, 0x8000_0000 | slot << 11 | register & ~3, 4)
    if value is None:
        return machine.inp(0xCFC + (register & 3), width)
    machine.out(0xCFC + (register & 3), value, width)


def enumerate_pci(machine):
    for slot in range(32):
        identity = config(machine, slot, 0)
        if identity & 0xFFFF != 0xFFFF:
            yield slot, (identity & 0xFFFF, identity >> 16)


def say(machine, text):
    for register, value in ((3, 0x83), (0, 1), (1, 0), (3, 0x03), (2, 0x07), (4, 0x03)):
        machine.out(COM1 + register, value, 1)
    for byte in text.encode():
        while machine.inp(COM1 + 5, 1) & 0x20 == 0:
            pass
        machine.out(COM1, byte, 1)


class ScsiAdapter:
    """The legacy interface of virtio-scsi, one command at a time, polled."""

    def __init__(self, machine, slot):
        self.machine = machine
        config(machine, slot, 0x10, value=0xC000)
        config(machine, slot, 0x04, 2, 0x0005)
        self.base = 0xC000
        self.reset()
        self.status(ACKNOWLEDGE)
        self.status(ACKNOWLEDGE | DRIVER)
        machine.inp(self.base, 4)
        machine.out(self.base + 4, 0, 4)
        machine.out(self.base + 14, COMMANDS, 2)
        self.size = machine.inp(self.base + 12, 2)
        self.avail = RING + 16 * self.size
        self.used = self.avail + 6 + 2 * self.size + 4095 & ~4095
        machine.out(self.base + 8, RING >> 12, 4)
        self.status(ACKNOWLEDGE | DRIVER | DRIVER_OK)
        self.commands = 0

    def status(self, value):
        self.machine.out(self.base + 18, value, 1)

    def reset(self):
        self.status(0)
        while self.machine.inp(self.base + 18, 1) != 0:
            pass

    def command(self, target, cdb, length):
        """Sends `cdb` to LUN 0 of a target; returns its status and up to `length` bytes."""
        machine = self.machine
        lun = bytes((1, target, 0x40, 0, 0, 0, 0, 0))
        machine.write(REQUEST, lun + bytes(11) + cdb.ljust(32, b"\0"))
        machine.write(RESPONSE, bytes(108))
        chain = ((REQUEST, 51, NEXT, 1), (RESPONSE, 108, NEXT | WRITE, 2), (DATA, length, WRITE, 0))
        machine.write(RING, b"".join(struct.pack("<QIHH", *descriptor) for descriptor in chain))
        machine.write(self.avail + 4 + 2 * (self.commands % self.size), struct.pack("<H", 0))
        self.commands += 1
        machine.write(self.avail + 2, struct.pack("<H", self.commands & 0xFFFF))
        machine.out(self.base + 16, COMMANDS, 2)
        while struct.unpack("<H", machine.read(self.used + 2, 2))[0] != self.commands & 0xFFFF:
            pass
        residual, _, status, response = struct.unpack("<IHBB", machine.read(RESPONSE + 4, 8))
        if response != 0:
            raise RuntimeError(f"the adapter answers {response}")
        return status, machine.read(DATA, length - residual)


def main(command):
    disk = ("-drive", "id=d,if=none,format=raw,file=null-co://", "-device", "scsi-hd,drive=d,scsi-id=1")
    machine = Qtest(command, "-device", "virtio-scsi-pci,addr=04.0,disable-modern=on", *disk)
    found = dict(enumerate_pci(machine))
    for slot, (vendor, device) in found.items():
        print(f"00:{slot:02x}.0 {vendor:04x}:{device:04x}")
    say(machine, "hello\n")
    adapter = ScsiAdapter(machine, next(slot for slot, identity in found.items() if identity == SCSI))
    status, data = adapter.command(1, bytes((0x12, 0, 0, 0, 36, 0)), 36)
    print(f"INQUIRY: status {status}, {data[8:16].decode()} {data[16:32].decode()}")
    adapter.reset()
    return 0 if machine.close() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["guestrig-system-x86_64"]))
