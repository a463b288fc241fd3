import { describe, expect, test } from 'vitest';
import { Ecam } from './ecam.ts';
import { PciFunction } from './pci-function.ts';
import { PciRig } from './rig.ts';

const SLOT_3 = (3 << 3) * 4096;
const [COMMAND, BUS_MASTER] = [0x04, 0x0004];
const BUSES = 16;
const IDENTITY = { vendor: 0x1ae0, device: 0x001f, class: 0x01_08_02, revision: 1 };

/** A function at 00:03.0 and nothing else. */
function setUp() {
  const rig = new PciRig();
  const disk = new PciFunction('nvme0', rig.board, IDENTITY);
  rig.bus.add(disk, 3);
  return { disk, ecam: new Ecam(rig.bus, BUSES) };
}

describe('configuration space in memory', () => {
  test('is a megabyte for each bus', () => {
    expect(setUp().ecam.size).toBe(0x100_0000);
  });

  test.each([
    [4, 0x001f_1ae0],
    [2, 0x1ae0],
    [1, 0xe0],
  ] as const)('is read by %i bytes', (width, value) => {
    expect(setUp().ecam.read(SLOT_3, width)).toBe(value);
  });

  test('is written as by ports', () => {
    const { ecam, disk } = setUp();

    ecam.write(SLOT_3 + COMMAND, BUS_MASTER, 2);

    expect(disk.readConfig(COMMAND, 2)).toBe(BUS_MASTER);
  });

  test('reads all ones where there is no function, on this bus and on others', () => {
    const { ecam } = setUp();

    expect([ecam.read(0, 4), ecam.read(SLOT_3 + 4096, 2), ecam.read(0x10_0000 + SLOT_3, 4)]).toEqual([
      0xffff_ffff, 0xffff, 0xffff_ffff,
    ]);
  });

  test('has nothing behind the first 256 bytes: no extended capability, and no register that is written', () => {
    const { ecam } = setUp();
    ecam.write(SLOT_3 + 0x100 + COMMAND, 0xffff, 2);

    expect([0x100, 0x104, 0xffc].map((register) => ecam.read(SLOT_3 + register, 4))).toEqual([0, 0, 0]);
    expect(ecam.read(SLOT_3 + COMMAND, 2)).toBe(0);
  });

  test.each([
    [SLOT_3 + COMMAND, '00:03.0 Command ← 0004  BUS_MASTER'],
    [SLOT_3 + 0x100, '00:03.0 extended config 100'],
    [0, '00:00.0 absent, config 000'],
  ])('is described at %i', (offset, text) => {
    const { ecam } = setUp();

    expect(ecam.describe({ offset, width: 2, value: BUS_MASTER, write: true, context: 0 })).toBe(text);
  });
});
