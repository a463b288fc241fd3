import { describe, expect, test } from 'vitest';
import type { BarKind } from '../../pci/config-space.ts';
import { PciFunction } from '../../pci/pci-function.ts';
import { block, PciRig } from '../../pci/rig.ts';

const COMMAND = 0x04;
const SLOT = 4;

/** A function at 00:04.0 with the given base addresses: index, kind, size. */
function setUp(...bars: readonly (readonly [number, BarKind, number])[]) {
  const rig = new PciRig();
  const id = { vendor: 0x1af4, device: 0x1000, class: 0x020000, revision: 0 };
  const fn = new PciFunction('net0', rig.board, id);
  for (const [index, kind, size] of bars) fn.addBar(index, kind, block(0x10 + index, size));
  rig.bus.add(fn, SLOT);
  const set = (register: number, value: number, width: 1 | 2 | 4 = 4) =>
    rig.set(SLOT, register, value, width);
  return { rig, set };
}

describe('sizing a base address', () => {
  test('while decoding is enabled is a finding', () => {
    const { rig, set } = setUp([0, 'io', 64]);
    set(0x10, 0xc001);
    set(COMMAND, 0x0001, 2);
    set(0x10, 0xffff_ffff);
    expect(rig.findings).toEqual([
      'pci/BAR-DECODE net0 (00:04.0): base address 0 was sized while it was decoded',
    ]);
  });

  test('while only the other space is enabled is none', () => {
    const { rig, set } = setUp([0, 'io', 64], [1, 'mem32', 128]);
    set(COMMAND, 0x0002, 2);
    set(0x10, 0xffff_ffff);
    expect([rig.findings, rig.journal.reached('pci/BAR-DECODE')]).toEqual([[], true]);
  });

  test.each([1, 2, 4] as const)(
    'and not restoring it before decoding is enabled by %i bytes is a finding',
    (width) => {
      const { rig, set } = setUp([0, 'io', 64]);
      set(0x10, 0xffff_ffff);
      set(COMMAND, 0x07, width);
      expect(rig.findings).toEqual([
        'pci/BAR-RESTORE net0 (00:04.0): base address 0 still held all ones when decoding was enabled',
      ]);
    },
  );

  test('and restoring the address is no finding', () => {
    const { rig, set } = setUp([0, 'io', 64]);
    set(0x10, 0xffff_ffff);
    set(0x10, 0xc001);
    set(COMMAND, 0x0007, 2);
    expect([rig.findings, rig.journal.reached('pci/BAR-RESTORE')]).toEqual([[], true]);
  });

  test.each<[string, BarKind, readonly (readonly [number, number, 1 | 2 | 4])[]]>([
    [
      'by words',
      'io',
      [
        [0x10, 0xc001, 2],
        [0x12, 0, 2],
      ],
    ],
    [
      'by bytes',
      'io',
      [
        [0x10, 0x01, 1],
        [0x11, 0xc0, 1],
        [0x12, 0, 1],
        [0x13, 0, 1],
      ],
    ],
    [
      'by words, the upper one first',
      'mem32',
      [
        [0x12, 0xfebf, 2],
        [0x10, 0xf000, 2],
      ],
    ],
    [
      'by bytes, of which one is ff',
      'mem32',
      [
        [0x13, 0xff, 1],
        [0x12, 0xbf, 1],
        [0x11, 0xf0, 1],
        [0x10, 0, 1],
      ],
    ],
  ])('and restoring the address %s is no finding', (_how, kind, parts) => {
    const { rig, set } = setUp([0, kind, 64]);
    set(0x10, 0xffff_ffff);
    for (const [at, value, width] of parts) set(at, value, width);
    set(COMMAND, 0x0007, 2);
    expect([rig.findings, rig.journal.reached('pci/BAR-RESTORE')]).toEqual([[], true]);
  });

  test('and leaving out the byte without address bits is none either', () => {
    const { rig, set } = setUp([0, 'mem32', 4096]);
    set(0x10, 0xffff_ffff);
    set(0x11, 0xf0, 1);
    set(0x12, 0xfebf, 2);
    set(COMMAND, 0x0007, 2);
    expect(rig.findings).toEqual([]);
  });

  test.each<[string, readonly (readonly [number, number, 1 | 2 | 4])[]]>([
    [
      'restoring its lower word alone',
      [
        [0x10, 0xffff_ffff, 4],
        [0x10, 0xc001, 2],
      ],
    ],
    [
      'sizing it by words and restoring nothing',
      [
        [0x10, 0xffff, 2],
        [0x12, 0xffff, 2],
      ],
    ],
    [
      'writing all ones again by words',
      [
        [0x10, 0xffff_ffff, 4],
        [0x10, 0xffff, 2],
        [0x12, 0xffff, 2],
      ],
    ],
  ])('and %s is a finding', (_how, parts) => {
    const { rig, set } = setUp([0, 'io', 64]);
    for (const [at, value, width] of parts) set(at, value, width);
    set(COMMAND, 0x0007, 2);
    expect(rig.journal.count('pci/BAR-RESTORE')).toBe(1);
  });
});

describe('a base address over another, beside one that was not restored,', () => {
  const overlap = (...writes: readonly (readonly [number, number])[]) => {
    const { rig, set } = setUp([0, 'io', 64], [1, 'io', 64], [2, 'io', 64]);
    for (const [at, value] of writes) set(at, value);
    set(COMMAND, 0x0001, 2);
    const has = rig.journal.count('pci/BAR-RESTORE') > 0;
    return [has, ...rig.journal.of('pci/BAR-OVERLAP').map(({ apart }) => apart)];
  };

  test('is a mistake apart, for it stays when that one is restored', () => {
    const [both, mended] = [
      overlap([0x10, 0xc001], [0x14, 0xffff_ffff], [0x18, 0xc001]),
      overlap([0x10, 0xc001], [0x14, 0xffff_ffff], [0x14, 0xd001], [0x18, 0xc001]),
    ];

    expect([both, mended]).toEqual([
      [true, true],
      [false, true],
    ]);
  });
});

describe('an address for 64 ports', () => {
  type Write = readonly [at: number, value: number, width: 1 | 2 | 4];
  const given = (command: number, ...writes: readonly Write[]) => {
    const { rig, set } = setUp([0, 'io', 64]);
    set(COMMAND, command, 2);
    for (const write of writes) set(...write);
    set(COMMAND, 0x0001, 2);
    return rig.findings;
  };

  test.each<[string, number, readonly Write[]]>([
    ['with bits below 64', 0, [[0x10, 0xd010, 4]]],
    [
      'with such bits in its lowest byte',
      0,
      [
        [0x10, 0x10, 1],
        [0x11, 0xd0, 1],
      ],
    ],
    [
      'with such bits, as it was sized',
      0,
      [
        [0x10, 0xffff_ffff, 4],
        [0x10, 0xd010, 4],
      ],
    ],
    [
      'with such bits in its lower half',
      0,
      [
        [0x10, 0xd010, 2],
        [0x12, 0, 2],
      ],
    ],
  ])('%s is a finding', (_how, command, writes) => {
    expect(given(command, ...writes)).toEqual([
      'pci/BAR-ALIGN net0 (00:04.0): base address 0 was given 0000d010, and holds 0000d000, a multiple of its 64 bytes',
    ]);
  });

  test.each<[string, readonly Write[]]>([
    ['with its flags', [[0x10, 0xd003, 4]]],
    [
      'that replaces one with such bits',
      [
        [0x10, 0xd010, 4],
        [0x10, 0xd000, 4],
      ],
    ],
    [
      'whose lowest byte replaces one with such bits',
      [
        [0x10, 0xd010, 4],
        [0x10, 0x40, 1],
      ],
    ],
    [
      'that is restored by words',
      [
        [0x10, 0xffff_ffff, 4],
        [0x10, 0xd001, 2],
        [0x12, 0, 2],
      ],
    ],
    [
      'that was sized by its lower half',
      [
        [0x10, 0xffff, 2],
        [0x10, 0xd001, 4],
      ],
    ],
  ])('%s is none', (_how, writes) => {
    expect(given(0, ...writes)).toEqual([]);
  });

  test('behind the last of them is a finding', () => {
    expect(given(0, [0x10, 0x1_0001, 4])).toEqual([
      'pci/BAR-OVERLAP net0 (00:04.0): base address 0 is 00010000, and the last port of a PC is ffff',
    ]);
  });

  test('that is restored by words while it is decoded is never taken for one behind the last', () => {
    const findings = given(1, [0x10, 0xffff_ffff, 4], [0x10, 0xd001, 2], [0x12, 0, 2]);

    expect(findings.filter((finding) => finding.startsWith('pci/BAR-OVERLAP'))).toEqual([]);
  });
});
