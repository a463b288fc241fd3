import { describe, expect, test } from 'vitest';
import { ModernRig } from './modern-rig.ts';

const NOTIF_CONFIG_DATA = 39;
const RING_RESET = 40;

/** Walks the capability list like a parser that knows only PCI and virtio 1.4. */
function capabilities(rig: ModernRig) {
  const found: { type: number; length: number; bar: number; offset: number; size: number; extra: number }[] =
    [];
  for (let at = rig.get(4, 0x34, 1); at !== 0; at = rig.get(4, at + 1, 1)) {
    if (rig.get(4, at, 1) !== 0x09) continue;
    found.push({
      length: rig.get(4, at + 2, 1),
      type: rig.get(4, at + 3, 1),
      bar: rig.get(4, at + 4, 1),
      offset: rig.get(4, at + 8, 4),
      size: rig.get(4, at + 12, 4),
      extra: rig.get(4, at + 16, 4),
    });
  }
  return found;
}

/** Offset of the window's capability: the last in the list. */
function windowOf(rig: ModernRig): number {
  let at = rig.get(4, 0x34, 1);
  while (rig.get(4, at + 1, 1) !== 0) at = rig.get(4, at + 1, 1);
  return at;
}

function aim(rig: ModernRig, bar: number, offset: number, length: number): number {
  const at = windowOf(rig);
  rig.set(4, at + 4, bar, 1);
  rig.set(4, at + 8, offset, 4);
  rig.set(4, at + 12, length, 4);
  return at + 16;
}

describe('the function', () => {
  test('has the device ID 1040 plus the device type, revision 1', () => {
    const rig = new ModernRig();
    expect([rig.get(4, 0, 4), rig.get(4, 8, 1), rig.get(4, 0x2c, 4)]).toEqual([0x1044_1af4, 1, 0x1044_1af4]);
  });

  test('has a capability for each structure', () => {
    const found = capabilities(new ModernRig([], 2));
    expect(found.map(({ type, bar, offset, size }) => [type, bar, offset, size])).toEqual([
      [1, 4, 0x000, 0x38],
      [3, 4, 0x100, 1],
      [4, 4, 0x200, 6],
      [2, 4, 0x800, 12],
      [5, 0, 0, 0],
    ]);
    expect(found.filter(({ type }) => type === 2)).toMatchObject([{ length: 20, extra: 4 }]);
  });

  test.each([NOTIF_CONFIG_DATA, RING_RESET])('has the last two registers when bit %i is offered', (bit) => {
    expect(capabilities(new ModernRig([bit]))[0]!.size).toBe(0x3c);
  });

  test('reports a write into a capability', () => {
    const rig = new ModernRig();
    rig.set(4, rig.get(4, 0x34, 1) + 8, 0, 4);
    expect(rig.clauses).toEqual(['virtio/PCI-CAP-D7']);
  });
});

describe('the window through configuration space', () => {
  test('reads and writes its target, though nothing is mapped', () => {
    const rig = new ModernRig();
    rig.set(4, 0x04, 0, 2);
    rig.set(4, aim(rig, 4, 0x14, 1), 3, 1);
    const status = rig.get(4, aim(rig, 4, 0x14, 1), 1);
    const size = rig.get(4, aim(rig, 4, 0x18, 2), 2);
    const config = rig.get(4, aim(rig, 4, 0x200, 4), 4);
    expect([status, size, config]).toEqual([3, 8, 0x0403_0201]);
    expect(rig.clauses).not.toContain('virtio/PCI-CFGACC-D1');
    expect(rig.clauses).not.toContain('virtio/PCI-CFGACC-D2');
  });

  test.each<[string, number, number, number]>([
    ['virtio/PCI-CFGACC-D1', 4, 0x12, 4],
    ['virtio/PCI-CFGACC-D2', 4, 0x10, 3],
    ['virtio/PCI-CFGACC-D2', 1, 0x10, 2],
    ['virtio/PCI-CFGACC-D2', 4, 0x100, 2],
    ['virtio/PCI-CFGACC-D2', 4, 0xffff_fffc, 4],
  ])('breaks %s with bar %i, offset %i and length %i, and reads all ones', (clause, bar, offset, length) => {
    const rig = new ModernRig();
    expect([rig.get(4, aim(rig, bar, offset, length), 4), rig.clauses]).toEqual([0xffff_ffff, [clause]]);
  });

  test('is not used by a driver that reads all of configuration space without setting it up', () => {
    const rig = new ModernRig();
    for (let at = 0; at < 256; at += 4) rig.get(4, at, 4);
    expect(rig.clauses).toEqual([]);
  });

  test('is used by a driver that writes to it without setting it up', () => {
    const rig = new ModernRig();
    rig.set(4, windowOf(rig) + 16, 1, 4);
    expect(rig.clauses).toEqual(['virtio/PCI-CFGACC-D2']);
  });
});
