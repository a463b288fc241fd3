import { describe, expect, test } from 'vitest';
import { bdfText } from '../../core/bits.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { DriverError } from '../driver-error.ts';
import { assignBars, barAddress } from './bars.ts';
import { configRead } from './config.ts';
import { enumerate } from './enumerate.ts';

const WINDOWS = {
  io: { base: 0xc000, end: 0x1_0000 },
  memory: { base: 0xe000_0000, end: 0xf000_0000 },
};

/** The six base addresses and Command of a function. */
const addressing = (port: Parameters<typeof configRead>[0], bdf: number) =>
  [0x10, 0x14, 0x18, 0x1c, 0x20, 0x24, 0x04].map((register) => configRead(port, bdf, register, 2));

describe('enumeration of a GCE machine', () => {
  test('finds every function, including 00:01.3 of a multi-function device', () => {
    const found = enumerate(gceN1().port);

    expect(
      found.map(({ bdf, id }) => `${bdfText(bdf)} ${id.vendor.toString(16)}:${id.device.toString(16)}`),
    ).toEqual([
      '00:00.0 8086:1237',
      '00:01.0 8086:7110',
      '00:01.3 8086:7113',
      '00:03.0 1af4:1004',
      '00:04.0 1af4:1000',
    ]);
  });

  test('sizes BARs, and finds vectors, pin and line', () => {
    const nic = enumerate(gceN1({ vcpus: 4 }).port).at(-1)!;

    expect(nic.bars).toEqual([
      { index: 0, kind: 'io', size: 64, address: 0xc040 },
      { index: 1, kind: 'mem32', size: 256, address: 0xfebf_f000 },
    ]);
    expect([nic.msixVectors, nic.pin, nic.line]).toEqual([9, 1, 11]);
  });

  test('restores BARs and Command, without a finding', () => {
    const machine = gceN1();
    const { port } = machine;
    const before = machine.functions.map(({ bdf }) => addressing(port, bdf));

    enumerate(port);

    expect(machine.functions.map(({ bdf }) => addressing(port, bdf))).toEqual(before);
    expect(machine.findings).toEqual([]);
  });
});

describe('addresses at power-on', () => {
  test('are given to every BAR, aligned to its size, none twice', () => {
    const { port } = gceN1({ firmware: false, vcpus: 4, rng: true });

    const placed = assignBars(port, enumerate(port), WINDOWS).flatMap(({ bars }) => bars);

    expect(placed.every(({ address, size }) => address % size === 0)).toBe(true);
    const inOrder = [...placed].sort((a, b) => a.address - b.address);
    expect(
      inOrder.slice(1).every(({ address }, i) => address >= inOrder[i]!.address + inOrder[i]!.size),
    ).toBe(true);
    expect(enumerate(port).flatMap(({ bars }) => bars)).toEqual(placed);
  });

  test('run out where the window is too small', () => {
    const { port } = gceN1({ firmware: false });
    const small = { ...WINDOWS, io: { base: 0xc000, end: 0xc040 } };

    expect(() => assignBars(port, enumerate(port), small)).toThrow(DriverError);
  });

  test('are unassigned before that', () => {
    const { port } = gceN1({ firmware: false });

    expect(barAddress(port, 0x03 << 3, 0)).toBeNull();
  });
});
