import { attachedBehind, behind } from '../../conformance/broken/behind.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { enumerate, nvme } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { BAR0, CONFADD, CONFDATA } from '../../pci/registers.ts';

const ALL_ONES = 0xffff_ffff;
const FOUR_GIB = 0x1_0000_0000;
/** The upper half of base address 0 of 00:05.0, where a controller is behind disks and card. */
const UPPER = 0x8000_2800 + BAR0 + 4;

const good = nvme({ interrupts: 'polled' });
const machine = () => gceN1({ nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] });

/** The upper half reads as 0, and is not read. */
function withoutUpper(port: GuestPort): GuestPort {
  let selected = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === CONFADD.offset) selected = value;
      port.out(at, value, width);
    },
    in: (at, width) => (at === CONFDATA && selected === UPPER ? 0 : port.in(at, width)),
  });
}

/** All ones are not written to the upper half. */
function sizesLower(port: GuestPort): GuestPort {
  let selected = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === CONFADD.offset) selected = value;
      if (at !== CONFDATA || selected !== UPPER || value !== ALL_ONES) port.out(at, value, width);
    },
  });
}

/** Addresses of devices have 32 bits. */
function cuts(port: GuestPort): GuestPort {
  return behind(port, {
    read: (address, width) => port.read(address % FOUR_GIB, width),
    write: (address, value, width) => port.write(address % FOUR_GIB, value, width),
  });
}

export const MUTANTS: readonly BrokenDriver[] = [
  {
    clause: 'pci/BAR64-UPPER',
    machine,
    model: {
      name: 'takes a base address of 64 bits for one of 32',
      enumerate: (port) => enumerate(withoutUpper(port)),
      drivers: [attachedBehind(good, withoutUpper)],
    },
  },
  {
    clause: 'pci/BAR64-SIZE',
    machine,
    model: {
      name: 'sizes the lower half alone',
      enumerate: (port) => enumerate(sizesLower(port)),
      drivers: [good],
    },
  },
  {
    clause: 'pci/BAR64-WHOLE',
    machine: () => gceN1({ firmware: { barsAbove4G: true }, nvme: [{ namespaces: [{ bytes: 1 << 20 }] }] }),
    model: { name: 'maps 32 bits of a base address', drivers: [attachedBehind(good, cuts)] },
  },
];
