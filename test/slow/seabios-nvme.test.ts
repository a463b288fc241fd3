import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1, type Machine, MemoryMedium } from '../../src/index.ts';

/** Debian's package seabios, 1.16.3, which has a driver for NVMe. */
const FIRMWARE = readFileSync('/usr/share/seabios/bios-256k.bin');
const LIMIT = 60_000_000_000;
/** The boot sector, where it lies in RAM; its packet for INT 13h, and where that reads to. */
const [SECTOR, PACKET, BUFFER] = [512, 0x7d00, 0x8000];
/** Blocks from the fifth on: 30 KiB, more than SeaBIOS reads at once. */
const [FIRST, COUNT] = [5, 60];

/** 16-bit: to COM1, whose LCR is set to eight bits first. */
const print = (text: string) => [...text].flatMap((one) => [0xba, 0xf8, 0x03, 0xb0, one.charCodeAt(0), 0xee]);
const HALT = [0xfa, 0xf4];
/** `push dx; …; pop dx; mov si, packet; mov ah, 42h; int 13h; jc …`: DL is the disk. The last block read is printed. */
const LAST = BUFFER + (COUNT - 1) * SECTOR;
const SHOWN = [
  ...[0xbe, LAST & 0xff, LAST >> 8, 0xb9, 8, 0, 0xba, 0xf8, 0x03],
  ...[0xac, 0xee, 0xe2, 0xfc, ...HALT],
];
const CODE = [
  ...[0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0, 0xbc, 0x00, 0x7c, 0x52],
  ...[0xba, 0xfb, 0x03, 0xb0, 0x03, 0xee],
  ...print('boots, '),
  ...[0x5a, 0xbe, PACKET & 0xff, PACKET >> 8, 0xb4, 0x42, 0xcd, 0x13, 0x72, SHOWN.length],
  ...SHOWN,
  ...print('fails'),
  ...HALT,
];

function bootDisk(): MemoryMedium {
  const image = new Uint8Array(1 << 20);
  const view = new DataView(image.buffer);
  image.set(CODE);
  image.set([16, 0, COUNT, 0, BUFFER & 0xff, BUFFER >> 8, 0, 0, FIRST], PACKET - 0x7c00);
  view.setUint16(510, 0xaa55, true);
  image.set(new TextEncoder().encode('and ends'), (FIRST + COUNT - 1) * SECTOR);
  return MemoryMedium.from(image);
}

async function booted(): Promise<Machine> {
  const machine = gceN1({
    firmware: false,
    memory: { below4G: 256 << 20 },
    disks: [],
    nvme: [{ namespaces: [{ medium: bootDisk() }] }],
    serial: { pace: 'instant' },
  });
  const host = await V86Host.create(machine, { firmware: FIRMWARE });
  await host.run({ limit: LIMIT });
  await host.close();
  return machine;
}

test('SeaBIOS boots from NVMe, reads more than it can at once, and of its driver is said only what it leaves out', async () => {
  const machine = await booted();

  expect(machine.serial[0]!.text).toContain('boots, and ends');
  const said = machine.findings.filter(({ subject }) => subject.startsWith('nvme0'));
  // It makes one pair of queues, which every controller has.
  expect(said.map(({ clause, said: what }) => `${clause}: ${what}`)).toEqual([
    'nvme/QUEUES-ASKED: completion queue 1 was made, and no number of queues was asked for',
    'nvme/QUEUES-ASKED: submission queue 1 was made, and no number of queues was asked for',
  ]);
});
