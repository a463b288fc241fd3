import { describe, expect, test } from 'vitest';
import { ConfigMechanism1 } from './config-mechanism.ts';
import { PciFunction } from './pci-function.ts';
import { PciRig } from './rig.ts';

const ENABLE = 0x8000_0000;
/** Slot 3, as of Compute Engine's disk. */
const SLOT_3 = ENABLE | (3 << 11);

/** A function at 00:03.0 and nothing else. */
function setUp() {
  const rig = new PciRig();
  const disk = new PciFunction('scsi0', rig.board, {
    vendor: 0x1af4,
    device: 0x1004,
    class: 0x01_02_03,
    revision: 0x42,
  });
  rig.bus.add(disk, 3);
  const { ports } = rig;
  const select = (value: number) => ports.write(0xcf8, value >>> 0, 4);
  return { rig, disk, ports, select };
}

describe('CONFADD', () => {
  test('reads back enable, bus, device, function and doubleword, and 0 in reserved bits', () => {
    const { ports, select } = setUp();
    select(0xffff_ffff);
    expect(ports.read(0xcf8, 4)).toBe(0x80ff_fffc);
  });

  test('can be told to keep all bits, as QEMU does', () => {
    const { rig, ports } = setUp();
    const { address } = new ConfigMechanism1(rig.bus, 0xffff_ffff);
    ports.unmap(0xcf8, rig.mechanism.address);
    ports.map(0xcf8, address, 'bridge');
    ports.write(0xcf8, 0xffff_ffff, 4);
    expect(ports.read(0xcf8, 4)).toBe(0xffff_ffff);
  });

  test('is accessed by a doubleword only: narrower accesses read ones and change nothing', () => {
    const { ports, select } = setUp();
    select(SLOT_3);
    ports.write(0xcfb, 0x01, 1);
    ports.write(0xcfa, 0x0001, 2);
    ports.write(0xcf8, 0x0000, 2);
    const narrow = [ports.read(0xcf8, 1), ports.read(0xcfb, 1), ports.read(0xcfa, 2)];
    expect([ports.read(0xcf8, 4), narrow]).toEqual([SLOT_3 >>> 0, [0xff, 0xff, 0xffff]]);
  });

  test('passes a byte at CF9 to the reset register, and takes a doubleword itself', () => {
    const { rig, ports, select } = setUp();
    const written: number[] = [];
    const reset = {
      name: 'RC',
      size: 1,
      read: () => 0x02,
      write: (_at: number, value: number) => written.push(value),
    };
    ports.unmap(0xcf8, rig.mechanism.address);
    ports.map(0xcf9, reset, 'bridge');
    ports.map(0xcf8, rig.mechanism.address, 'bridge');
    select(SLOT_3);
    ports.write(0xcf9, 0x06, 1);
    expect([ports.read(0xcf8, 4), ports.read(0xcf9, 1), written]).toEqual([SLOT_3 >>> 0, 0x02, [0x06]]);
  });

  test('is 0 after a reset', () => {
    const { rig, ports, select } = setUp();
    select(SLOT_3);
    rig.mechanism.reset();
    expect([ports.read(0xcf8, 4), ports.read(0xcfc, 4)]).toEqual([0, 0xffff_ffff]);
  });
});

describe('CONFDATA', () => {
  test('has a lane for each byte of the doubleword, in every width', () => {
    const { ports, select } = setUp();
    select(SLOT_3 | 0x08);
    const bytes = [0xcfc, 0xcfd, 0xcfe, 0xcff].map((port) => ports.read(port, 1));
    expect(bytes).toEqual([0x42, 0x03, 0x02, 0x01]);
    expect([ports.read(0xcfc, 2), ports.read(0xcfd, 2), ports.read(0xcfe, 2)]).toEqual([
      0x0342, 0x0203, 0x0102,
    ]);
    expect(ports.read(0xcfc, 4)).toBe(0x0102_0342);
  });

  test('writes through its lanes', () => {
    const { rig, ports, select } = setUp();
    select(SLOT_3 | 0x3c);
    ports.write(0xcfc, 0x0b, 1);
    ports.write(0xcfd, 0xff, 1);
    expect(rig.get(3, 0x3c, 4)).toBe(0x0b);
  });

  test('is no configuration space while CONFADD is not enabled', () => {
    const { rig, ports, select } = setUp();
    select(SLOT_3 & ~ENABLE);
    ports.write(0xcfc, 0, 1);
    const read = [ports.read(0xcfc, 1), ports.read(0xcfe, 2), ports.read(0xcfc, 4)];
    expect(read).toEqual([0xff, 0xffff, 0xffff_ffff]);
    select((SLOT_3 & ~ENABLE) | 0x3c);
    ports.write(0xcfc, 0x0b, 1);
    expect(rig.get(3, 0x3c, 1)).toBe(0);
  });

  test.each([
    ['a device that is not there', ENABLE | (4 << 11)],
    ['a function that is not there', SLOT_3 | (1 << 8)],
    ['another bus', SLOT_3 | (1 << 16)],
    ['the last bus', SLOT_3 | (0xff << 16)],
  ])('is all ones in every width for %s', (_what, address) => {
    const { ports, select } = setUp();
    select(address);
    ports.write(0xcfc, 0, 4);
    expect([ports.read(0xcfd, 1), ports.read(0xcfc, 2), ports.read(0xcfc, 4)]).toEqual([
      0xff, 0xffff, 0xffff_ffff,
    ]);
  });

  test('ignores reserved bits of CONFADD that some use as more bits of the register number', () => {
    const { ports, select } = setUp();
    select(SLOT_3 | (0xf << 24) | 0x08);
    expect(ports.read(0xcfc, 1)).toBe(0x42);
  });

  test('names the function and the register in a trace', () => {
    const { rig, ports, select } = setUp();
    select(SLOT_3 | 0x04);
    ports.write(0xcfc, 0x0006, 2);
    const written = rig.lastAccess;
    select(ENABLE | (9 << 11));
    const address = rig.lastAccess;
    ports.read(0xcfe, 2);
    expect([written, address, rig.lastAccess]).toEqual([
      '00:03.0 Command ← 0006  MEMORY_SPACE BUS_MASTER',
      'CONFADD ← 80004800  00:09.0 register 00',
      '00:09.0 absent, config 02',
    ]);
  });
});

describe('a register number that is not that of a doubleword', () => {
  test('is OR-ed into the byte address, as in QEMU, with a note', () => {
    const { rig, ports, select } = setUp();
    select(SLOT_3 | 0x0a);
    const read = [ports.read(0xcfc, 1), ports.read(0xcfd, 1)];
    expect(read).toEqual([0x02, 0x01]);
    expect(rig.findings).toEqual([
      'pci/CONFADD-ALIGN CONFADD: register number 0a is not that of a doubleword',
    ]);
    expect(rig.journal.findings[0]!.severity).toBe('note');
  });

  test('does not matter while CONFADD is not enabled', () => {
    const { rig, select } = setUp();
    select(0x0000_0003);
    expect([rig.findings, rig.journal.reached('pci/CONFADD-ALIGN')]).toEqual([[], false]);
  });
});

describe('functions 1 to 7', () => {
  const other = (rig: PciRig, name: string, multiFunction: boolean) =>
    new PciFunction(name, rig.board, {
      vendor: 0x8086,
      device: 0x7110,
      class: 0x060100,
      revision: 3,
      multiFunction,
    });

  test('are absent, with a finding, if function 0 is the only one', () => {
    const { rig } = setUp();
    const read = rig.get(3, 0x00, 4, 1);
    expect([read, rig.findings]).toEqual([
      0xffff_ffff,
      [
        'pci/MULTI-FUNCTION pci: function 1 of scsi0 (00:03.0) was accessed, which is a single-function device',
      ],
    ]);
  });

  test('are found if function 0 is multi-function, despite gaps', () => {
    const { rig } = setUp();
    rig.bus.add(other(rig, 'isa', true), 1, 0);
    rig.bus.add(other(rig, 'acpi', false), 1, 3);
    const ids = [1, 3].map((fn) => rig.get(1, 0x00, 2, fn));
    expect([ids, rig.findings, rig.journal.reached('pci/MULTI-FUNCTION')]).toEqual([
      [0xffff, 0x8086],
      [],
      true,
    ]);
  });

  test('cause no finding without function 0', () => {
    const { rig } = setUp();
    rig.get(7, 0x00, 4, 1);
    expect([rig.findings, rig.journal.reached('pci/MULTI-FUNCTION')]).toEqual([[], false]);
  });
});
