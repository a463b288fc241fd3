import { describe, expect, test } from 'vitest';
import { MisuseError } from '../core/misuse.ts';
import type { BarKind } from './config-space.ts';
import { PciFunction } from './pci-function.ts';
import { block, PciRig } from './rig.ts';

const COMMAND = 0x04;
const STATUS = 0x06;
const SLOT = 4;

/** A function at 00:04.0 with the given BARs: index, kind, size. Their regions read 10, 11, … by index. */
function setUp(...bars: readonly (readonly [number, BarKind, number])[]) {
  const rig = new PciRig();
  const fn = new PciFunction('net0', rig.board, {
    vendor: 0x1af4,
    device: 0x1000,
    class: 0x020000,
    revision: 0,
  });
  for (const [index, kind, size] of bars) fn.addBar(index, kind, block(0x10 + index, size));
  rig.bus.add(fn, SLOT);
  const get = (register: number, width: 1 | 2 | 4 = 4) => rig.get(SLOT, register, width);
  const set = (register: number, value: number, width: 1 | 2 | 4 = 4) =>
    rig.set(SLOT, register, value, width);
  return { rig, fn, get, set };
}

describe('the header', () => {
  test('identifies the function, and is read-only', () => {
    const { get, set } = setUp();
    const read = () => [0x00, 0x08, 0x0c, 0x2c].map((register) => get(register));
    const before = read();
    for (const register of [0x00, 0x08, 0x0c, 0x2c]) set(register, 0xffff_ffff);
    expect(before).toEqual([0x1000_1af4, 0x0200_0000, 0, 0]);
    expect(read()).toEqual(before);
  });

  test('has the bits of Command that this function supports', () => {
    const { get, set } = setUp();
    set(COMMAND, 0xffff, 2);
    expect(get(COMMAND, 2)).toBe(0x0507);
  });

  test('clears an error in Status where a 1 is written, and nothing else there', () => {
    const { fn, get, set } = setUp();
    fn.config.bytes.set([0x08, 0xf9], STATUS);
    set(STATUS, 0x2108, 2);
    expect(get(STATUS, 2)).toBe(0xd808);
  });

  test('keeps Interrupt Line as written by software', () => {
    const { get, set } = setUp();
    set(0x3c, 0xff0b, 2);
    expect(get(0x3c, 2)).toBe(0x000b);
  });
});

describe('a base address', () => {
  test.each([
    ['io', 64, 0x1, 0xffff_ffc1],
    ['io', 4, 0x1, 0xffff_fffd],
    ['mem32', 128, 0x0, 0xffff_ff80],
    ['mem32', 16, 0x0, 0xffff_fff0],
    ['mem64', 16_384, 0x4, 0xffff_c004],
  ] as const)('of kind %s and %i bytes has that size', (kind, size, type, answer) => {
    const { get, set } = setUp([0, kind, size]);
    const before = get(0x10);
    set(0x10, 0xffff_ffff);
    expect([before, get(0x10)]).toEqual([type, answer]);
  });

  test('of 64 bits has a fully writable upper half', () => {
    const { get, set } = setUp([0, 'mem64', 16_384]);
    set(0x14, 0xffff_ffff);
    expect(get(0x14)).toBe(0xffff_ffff);
  });

  test('that the function does not have reads 0', () => {
    const { get, set } = setUp([0, 'io', 64]);
    set(0x14, 0xffff_ffff);
    expect(get(0x14)).toBe(0);
  });

  test('in I/O space answers at its address while Command enables it, and nowhere else', () => {
    const { rig, set } = setUp([0, 'io', 64]);
    const at = (port: number) => rig.ports.read(port, 1);
    set(0x10, 0xc041);
    const off = at(0xc040);
    set(COMMAND, 0x0001, 2);
    const on = [at(0xc040), at(0xc07f), at(0xc03f), at(0xc080)];
    set(0x10, 0xd000);
    const moved = [at(0xd000), at(0xc040)];
    set(COMMAND, 0x0006, 2);
    expect([off, on, moved, at(0xd000)]).toEqual([0xff, [0x10, 0x10, 0xff, 0xff], [0x10, 0xff], 0xff]);
  });

  test('in memory answers while Command enables it, independent of I/O space', () => {
    const { rig, set } = setUp([1, 'mem32', 128]);
    set(0x14, 0xfebf_f000);
    set(COMMAND, 0x0001, 2);
    const off = rig.mmio.read(0xfebf_f000, 4);
    set(COMMAND, 0x0002, 2);
    expect([off, rig.mmio.read(0xfebf_f07c, 4)]).toEqual([0xffff_ffff, 0x1111_1111]);
  });

  test('of 64 bits answers above 4 GiB', () => {
    const { rig, set } = setUp([2, 'mem64', 4096]);
    set(0x18, 0xc000_0000);
    set(0x1c, 0x0000_0012);
    set(COMMAND, 0x0002, 2);
    expect([rig.mmio.read(0x12_c000_0000, 4), rig.mmio.read(0xc000_0000, 4)]).toEqual([
      0x1212_1212, 0xffff_ffff,
    ]);
  });

  test.each([
    ['at 0', 0x0000_0001],
    ['beyond the ports of a PC', 0x0001_c001],
    ['at all ones, while it is sized', 0xffff_ffff],
  ])('in I/O space does not answer %s', (_where, value) => {
    const { rig, fn, set } = setUp([0, 'io', 64]);
    set(COMMAND, 0x0001, 2);
    set(0x10, value);
    expect([fn.bars[0]!.mapped, rig.ports.read(value & 0xffc0, 1)]).toEqual([null, 0xff]);
  });

  test('is aligned to its size when an unaligned address is written', () => {
    const { rig, get, set } = setUp([0, 'io', 64]);
    set(COMMAND, 0x0001, 2);
    set(0x10, 0xc07f);
    expect([get(0x10), rig.ports.read(0xc040, 1)]).toEqual([0xc041, 0x10]);
  });

  test('moves when its bytes are written one by one', () => {
    const { rig, set } = setUp([0, 'io', 64]);
    set(COMMAND, 0x01, 1);
    set(0x11, 0xc0, 1);
    set(0x10, 0x40, 1);
    expect([rig.ports.read(0xc040, 1), rig.ports.read(0xc000, 1)]).toEqual([0x10, 0xff]);
  });

  test.each([
    ['io', 2],
    ['io', 48],
    ['mem32', 8],
    ['mem64', 100],
  ] as const)('of kind %s cannot be %i bytes', (kind, size) => {
    expect(() => setUp([0, kind, size])).toThrow(MisuseError);
  });
});

describe('the list of capabilities', () => {
  test('is absent without any', () => {
    const { get } = setUp();
    expect([get(STATUS, 2) & 0x10, get(0x34, 1)]).toEqual([0, 0]);
  });

  test('leads from one to the next, on doublewords, and ends with 0', () => {
    const { rig, fn, get } = setUp();
    const at = [fn.addCapability(0x11, 12), fn.addCapability(0x09, 5), fn.addCapability(0x05, 4)];
    const links = [get(0x34, 1), ...at.map((offset) => get(offset, 2))];
    expect(at).toEqual([0x40, 0x4c, 0x54]);
    expect(links).toEqual([0x40, 0x4c11, 0x5409, 0x0005]);
    expect(get(STATUS, 2) & 0x10).toBe(0x10);
    expect(rig.lastAccess).toBe('00:04.0 Status → 0010  CAPABILITIES_LIST');
  });

  test('is limited by configuration space: a capability beyond it is refused, and the others stay', () => {
    const { fn, get } = setUp();
    fn.addCapability(0x11, 0x100 - 0x40 - 4);
    expect(() => fn.addCapability(0x09, 5)).toThrow(
      'size must be at most 4 bytes, all that is left in the list',
    );
    expect([get(0x41, 1), fn.addCapability(0x05, 4)]).toEqual([0, 0xfc]);
  });

  test('cannot be written', () => {
    const { fn, get, set } = setUp();
    fn.addCapability(0x11, 12);
    set(0x34, 0xff, 1);
    set(0x40, 0xffff_ffff);
    expect([get(0x34, 1), get(0x40)]).toEqual([0x40, 0x11]);
  });
});

describe('access to memory', () => {
  test('is enabled while bus mastering is on', () => {
    const { fn, set } = setUp();
    const open = [fn.gate.open];
    set(COMMAND, 0x0004, 2);
    open.push(fn.gate.open);
    set(COMMAND, 0x0003, 2);
    open.push(fn.gate.open);
    expect(open).toEqual([false, true, false]);
  });

  test('is disabled by a reset, and BARs no longer answer', () => {
    const { rig, fn, get, set } = setUp([0, 'io', 64]);
    set(0x10, 0xc001);
    set(COMMAND, 0x0007, 2);
    fn.reset('hard');
    expect([fn.gate.open, rig.ports.read(0xc000, 1), get(0x10), get(COMMAND, 2)]).toEqual([
      false,
      0xff,
      1,
      0,
    ]);
  });
});
