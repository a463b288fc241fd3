import { describe, expect, test } from 'vitest';
import { msixCard } from './msix-rig.ts';

const ENABLE = 0x8000;
const MASK_ALL = 0x4000;

describe('the capability', () => {
  test('gives the number of vectors and the place of table and pending bits', () => {
    const { rig } = msixCard();
    expect([0x40, 0x44, 0x48].map((register) => rig.get(4, register, 4))).toEqual([0x0002_0011, 0x01, 0x31]);
  });

  test('has only the enable bit and the function mask writable', () => {
    const { rig, control } = msixCard();
    control(0xffff);
    rig.set(4, 0x44, 0, 4);
    rig.set(4, 0x48, 0, 4);
    expect([0x40, 0x44, 0x48].map((register) => rig.get(4, register, 4))).toEqual([0xc002_0011, 0x01, 0x31]);
  });

  test.each([
    [1, 32],
    [3, 64],
    [4, 128],
    [9, 256],
  ])('with %i vectors has a base address of %i bytes, as on Compute Engine', (vectors, size) => {
    expect(msixCard({ vectors }).card.msix.size).toBe(size);
  });

  test('can have its pending bits and its size elsewhere, as QEMU does', () => {
    const { rig, card, read } = msixCard({ vectors: 4, pba: 0x800, size: 4096 });
    rig.set(4, 0x42, ENABLE, 2);
    card.msix.signal(1);
    expect([rig.get(4, 0x48, 4), card.msix.size, read(0x800), read(0x40)]).toEqual([0x801, 4096, 0x02, 0]);
  });
});

describe('the table', () => {
  test('has all entries masked and empty at first', () => {
    const { read } = msixCard();
    expect([0, 4, 8, 12, 16 + 12, 32 + 12].map((offset) => read(offset))).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test('keeps what is written, without the reserved bits', () => {
    const { read, write } = msixCard();
    for (const offset of [16, 20, 24, 28]) write(offset, 0xffff_ffff);
    expect([16, 20, 24, 28].map((offset) => read(offset))).toEqual([
      0xffff_fffc, 0xffff_ffff, 0xffff_ffff, 1,
    ]);
  });

  test('can be read in any width', () => {
    const { read, program } = msixCard();
    program(1);
    expect([read(16, 1), read(18, 2), read(17, 1), read(17, 2)]).toEqual([0x04, 0xfee0, 0x10, 0xe010]);
  });

  test.each([1, 2] as const)('takes no writes of %i bytes, which are a finding', (width) => {
    const { rig, read, write } = msixCard();
    write(8, 0x41, width);
    expect([read(8), rig.journal.count('pci/MSIX-ACCESS')]).toEqual([0, 1]);
  });

  test('takes no unaligned doubleword', () => {
    const { rig, read, write } = msixCard();
    write(6, 0xffff_ffff);
    expect([read(4), read(8), rig.journal.count('pci/MSIX-ACCESS')]).toEqual([0, 0, 1]);
  });

  test('ignores writes beyond its end', () => {
    const { rig, read, write } = msixCard();
    write(56, 0xffff_ffff);
    expect([read(56), rig.findings]).toEqual([
      0,
      ['msix/BEYOND net0 (00:04.0): 038 was written, where neither table nor pending bits are'],
    ]);
  });

  test('names the entry in a trace', () => {
    const { rig, write } = msixCard();
    write(24, 0x41);
    expect(rig.lastAccess).toBe('net0 MSI-X [1] Message Data ← 00000041');
  });
});

describe('a vector', () => {
  test('is sent with the address and the data of its entry', () => {
    const { rig, card, control, program } = msixCard();
    program(0);
    program(1);
    control(ENABLE);
    card.msix.signal(1);
    expect(rig.sent).toEqual([{ address: 0xfee0_1004, data: 0x41 }]);
  });

  test('is sent to an address above 4 GiB if the entry has one', () => {
    const { rig, card, control, program, write } = msixCard();
    program(0);
    write(4, 0x12);
    control(ENABLE);
    card.msix.signal(0);
    expect(rig.sent[0]!.address).toBe(0x12_fee0_1000);
  });

  test('outside the table is no interrupt', () => {
    const { rig, card, control, pending } = msixCard();
    control(ENABLE | MASK_ALL);
    card.msix.signal(3);
    card.msix.signal(0xffff);
    expect([pending(), rig.sent]).toEqual([0, []]);
  });

  test('while MSI-X is off is neither sent nor pending', () => {
    const { card, control, program, pending, sent } = msixCard();
    program(0);
    card.msix.signal(0);
    control(ENABLE);
    expect([pending(), sent()]).toEqual([0, []]);
  });

  test('that is masked pends, and is sent once when unmasked, however often it was raised', () => {
    const { card, control, program, mask, pending, sent } = msixCard();
    program(1, 1);
    control(ENABLE);
    card.msix.signal(1);
    card.msix.signal(1);
    const masked = [pending(), sent()];
    mask(1, 0);
    const unmasked = [pending(), sent()];
    mask(1, 1);
    mask(1, 0);
    expect([masked, unmasked, sent()]).toEqual([[0x02, []], [0, [0x41]], [0x41]]);
  });

  test('is held by the function mask whatever its own mask is, and sent when that is cleared', () => {
    const { card, control, program, mask, pending, sent } = msixCard();
    program(0, 1);
    program(1, 1);
    control(ENABLE | MASK_ALL);
    card.msix.signal(0);
    card.msix.signal(1);
    mask(0, 0);
    const held = [pending(), sent()];
    control(ENABLE);
    expect([held, pending(), sent()]).toEqual([[0x03, []], 0x02, [0x40]]);
  });

  test('that pends is forgotten when MSI-X is turned off', () => {
    const { card, control, program, pending, sent } = msixCard();
    program(0, 1);
    control(ENABLE);
    card.msix.signal(0);
    control(0);
    const off = pending();
    program(0);
    control(ENABLE);
    expect([off, pending(), sent()]).toEqual([0, 0, []]);
  });

  test('is sent with what the entry holds when it is unmasked, not when it was raised', () => {
    const { card, control, program, write, mask, sent } = msixCard();
    program(0, 1);
    control(ENABLE);
    card.msix.signal(0);
    write(8, 0x99);
    mask(0, 0);
    expect(sent()).toEqual([0x99]);
  });

  test('is lost, with a finding, while bus mastering is off', () => {
    const { rig, card, control, program, pending, sent } = msixCard();
    rig.set(4, 0x04, 0x0002, 2);
    program(0);
    control(ENABLE);
    card.msix.signal(0);
    rig.set(4, 0x04, 0x0006, 2);
    expect([pending(), sent(), rig.findings]).toEqual([
      0,
      [],
      ['pci/BUS-MASTER net0 (00:04.0): vector 0 could not be sent: bus mastering is off'],
    ]);
  });

  test('beyond the 32nd has its pending bit in the next doubleword', () => {
    const { card, control, read } = msixCard({ vectors: 65 });
    control(ENABLE);
    for (const vector of [31, 32, 64]) card.msix.signal(vector);
    const pba = 65 * 16;
    expect([0, 4, 8, 12].map((offset) => read(pba + offset))).toEqual([0x8000_0000, 1, 1, 0]);
  });
});

describe('a listener', () => {
  test('is notified when MSI-X is enabled and disabled, and of nothing else', () => {
    const { card, control } = msixCard();
    const told: boolean[] = [];
    card.msix.onEnable = (enabled) => told.push(enabled);
    for (const value of [MASK_ALL, ENABLE | MASK_ALL, ENABLE, 0, 0]) control(value);
    expect(told).toEqual([true, false]);
  });

  test('and the table are masked and disabled after a reset', () => {
    const { card, control, program, read, pending, sent } = msixCard();
    program(0, 1);
    control(ENABLE);
    card.msix.signal(0);
    card.msix.reset();
    card.msix.signal(0);
    expect([card.msix.enabled, pending(), read(0), read(8), read(12), sent()]).toEqual([
      false,
      0,
      0,
      0,
      1,
      [],
    ]);
  });
});
