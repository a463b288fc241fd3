import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assignBars,
  barAddress,
  configWrite,
  enumerate,
  findStructures,
  type GuestPort,
} from '../../src/guest/index.ts';
import { QemuPort } from '../../src/hosts/qemu/index.ts';
import { qemuPc } from '../../src/index.ts';

const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const NIC = 0x20;
/** The MAC feature, which every network device offers, and VERSION_1 in the second word. */
const MAC = 0x20;
const VERSION_1 = 1;

/** The registers of both interfaces of the NIC, by the numbers of virtio 1.4. */
function both(port: GuestPort) {
  const { common } = findStructures(port, NIC)!;
  const header = barAddress(port, NIC, 0)!.address;
  return {
    status: () => [port.in(header + 0x12, 1), port.read(common + 0x14, 1)],
    selected: () => [port.in(header + 0x0e, 2), port.read(common + 0x16, 2)],
    /** In QEMU's way: values that the structures show, it keeps over a reset. */
    features: () => port.in(header + 0x04, 4),
    size: () => [port.in(header + 0x0c, 2), port.read(common + 0x18, 2)],
    ring: () => [port.in(header + 0x08, 4), port.read(common + 0x1c, 2), port.read(common + 0x20, 4)],
    header: (offset: number, value: number, width: 1 | 2 | 4) => port.out(header + offset, value, width),
    common: (offset: number, value: number, width: 1 | 2 | 4) => port.write(common + offset, value, width),
  };
}
type Both = ReturnType<typeof both>;

function negotiateByStructures(nic: Both): void {
  for (const status of [0, 1, 3]) nic.common(0x14, status, 1);
  for (const [word, bits] of [MAC, VERSION_1].entries()) {
    nic.common(0x08, word, 4);
    nic.common(0x0c, bits, 4);
  }
}

function negotiateByHeader(nic: Both): void {
  for (const status of [0, 1, 3]) nic.header(0x12, status, 1);
  nic.header(0x04, MAC, 4);
}

const QUESTIONS: Record<string, (nic: Both) => unknown> = {
  'status, by either': (nic) => {
    negotiateByStructures(nic);
    const first = nic.status();
    nic.header(0x12, 0x0b, 1);
    return [first, nic.status()];
  },
  'the queue selected': (nic) => {
    nic.common(0x16, 2, 2);
    const first = nic.selected();
    nic.header(0x0e, 1, 2);
    return [first, nic.selected()];
  },
  'features of the structures': (nic) => {
    negotiateByStructures(nic);
    return nic.features();
  },
  'features of the header': (nic) => {
    negotiateByHeader(nic);
    return nic.features();
  },
  'features by the header after FEATURES_OK': (nic) => {
    negotiateByStructures(nic);
    nic.common(0x14, 0x0b, 1);
    nic.header(0x04, 0, 4);
    return nic.features();
  },
  'features by the header before FEATURES_OK': (nic) => {
    negotiateByStructures(nic);
    nic.header(0x04, 0, 4);
    return nic.features();
  },
  'a size chosen': (nic) => {
    negotiateByStructures(nic);
    nic.common(0x16, 0, 2);
    nic.common(0x18, 64, 2);
    return nic.size();
  },
  'a ring by the header': (nic) => {
    negotiateByHeader(nic);
    nic.header(0x0e, 0, 2);
    nic.header(0x08, 0x400, 4);
    return nic.ring();
  },
  'a reset by the header': (nic) => {
    negotiateByStructures(nic);
    nic.header(0x12, 0, 1);
    return [nic.status(), nic.features()];
  },
  'a reset by the structures': (nic) => {
    negotiateByHeader(nic);
    nic.header(0x08, 0x400, 4);
    nic.common(0x14, 0, 1);
    return [nic.status(), nic.features(), nic.ring()];
  },
};

describe.skipIf(!present)('a transitional function answers as QEMU does:', () => {
  let theirs: QemuPort;

  beforeAll(() => {
    theirs = QemuPort.start({
      arguments: [
        ...['-machine', 'pc,usb=off,sata=off,vmport=off,graphics=off,hpet=off,smbus=off'],
        ...['-netdev', 'hubport,id=n0,hubid=0'],
        ...['-device', 'virtio-net-pci,netdev=n0,addr=04.0,romfile=,disable-legacy=off,disable-modern=off'],
      ],
    });
    assignBars(theirs, enumerate(theirs), {
      io: { base: 0xc000, end: 0x1_0000 },
      memory: { base: 0xe000_0000, end: 0xf000_0000 },
    });
    configWrite(theirs, NIC, 0x04, 7, 2);
  });

  afterAll(() => theirs.close());

  test.each(Object.entries(QUESTIONS))('%s', (_what, ask) => {
    const ours = qemuPc({ virtio: 'transitional' }).port;
    expect(ask(both(ours))).toEqual(ask(both(theirs)));
  });
});
