import { describe, expect, test } from 'vitest';
import type { Width } from '../../../core/bits.ts';
import { struct } from '../../../core/struct.ts';
import { accessWidths } from '../layout.ts';
import { ModernRig } from './modern-rig.ts';

test('a field is accessed by its own width, 64 bits in two halves, bytes one by one', () => {
  const fields = struct('every_kind', 'le', { a: 'u8', b: 'u16', c: 'u32', d: 'u64', e: { bytes: 3 } });
  expect([...accessWidths(fields)]).toEqual([1, 2, -2, 4, -4, -4, -4, 4, -4, -4, -4, 4, -4, -4, -4, 1, 1, 1]);
});

describe('the device configuration, of 4 bytes and two of one', () => {
  test.each<[string, number, Width]>([
    ['', 0, 4],
    ['', 4, 1],
    ['', 5, 1],
    ['virtio/PCI-LAYOUT-D3', 0, 1],
    ['virtio/PCI-LAYOUT-D3', 0, 2],
    ['virtio/PCI-LAYOUT-D3', 2, 2],
    ['virtio/PCI-LAYOUT-D1', 4, 2],
  ])('breaks "%s" when it is read at %i with %i bytes, and answers', (clause, offset, width) => {
    const rig = new ModernRig();
    const bytes = [1, 2, 3, 4, 5, 6].slice(offset, offset + width);
    const answer = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
    expect([rig.readConfig(offset, width), rig.clauses.join()]).toEqual([answer, clause]);
  });

  test('is written by the width of its fields, too', () => {
    const rig = new ModernRig().start();
    rig.writeConfig(0, 0xaa, 1);
    expect([rig.readConfig(0, 4), rig.clauses]).toEqual([0x0403_02aa, ['virtio/PCI-LAYOUT-D3']]);
  });
});

describe('the ISR', () => {
  test.each<[string, Width]>([
    ['', 1],
    ['virtio/PCI-LAYOUT-D1', 2],
    ['virtio/PCI-LAYOUT-D1', 4],
  ])('breaks "%s" when it is read with %i bytes, and is cleared', (clause, width) => {
    const rig = new ModernRig().start();
    rig.device.change(true);
    expect([rig.in(0x100, width), rig.isr(), rig.clauses.join()]).toEqual([2, 0, clause]);
  });

  test('is not changed by a write', () => {
    const rig = new ModernRig().start();
    rig.device.change(true);
    rig.out(0x100, 0, 1);
    expect(rig.isr()).toBe(2);
  });
});

describe('the generation', () => {
  test('counts each change of the configuration, notified or not, modulo 256', () => {
    const rig = new ModernRig();
    const seen = Array.from({ length: 257 }, () => {
      rig.device.change(false);
      return rig.in(0x15, 1);
    });
    expect([seen[0], seen[254], seen[255], seen[256]]).toEqual([1, 255, 0, 1]);
  });

  test('does not change when the driver writes the configuration', () => {
    const rig = new ModernRig().start();
    rig.writeConfig(0, 1, 4);
    expect(rig.in(0x15, 1)).toBe(0);
  });
});
