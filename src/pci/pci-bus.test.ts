import { describe, expect, test } from 'vitest';
import { MisuseError } from '../core/misuse.ts';
import { PciFunction } from './pci-function.ts';
import { block, PciRig } from './rig.ts';

const COMMAND = 0x04;
const INTERRUPT_DISABLE = 0x0400;
const INTERRUPT_STATUS = 0x0008;

/** A function that interrupts through `pin`, with 64 ports. */
function make(rig: PciRig, name: string, pin = 1): PciFunction {
  const fn = new PciFunction(name, rig.board, { vendor: 0x1af4, device: 0x1000, class: 0, revision: 0, pin });
  fn.addBar(0, 'io', block(pin, 64));
  return fn;
}

/** A function at 00:04.0, whose INTA is link D. */
function setUp() {
  const rig = new PciRig();
  const fn = make(rig, 'net0');
  rig.bus.add(fn, 4);
  return { rig, fn };
}

describe('an interrupt pin', () => {
  test.each([
    [1, 1, 'a'],
    [2, 1, 'b'],
    [3, 1, 'c'],
    [4, 1, 'd'],
    [5, 1, 'a'],
    [31, 1, 'c'],
    [0, 1, 'd'],
    [3, 2, 'd'],
    [3, 3, 'a'],
    [4, 4, 'c'],
  ])('of slot %i, number %i, is link %s', (slot, pin, link) => {
    const rig = new PciRig();
    const fn = make(rig, 'fn', pin);
    rig.bus.add(fn, slot);
    fn.setInterrupt(true);
    expect(rig.high).toBe(link);
  });

  test('is shared with slots that lie four apart, and none lowers another’s level', () => {
    const rig = new PciRig();
    const [one, other] = [make(rig, 'one'), make(rig, 'other')];
    rig.bus.add(one, 3);
    rig.bus.add(other, 7);
    one.setInterrupt(true);
    other.setInterrupt(true);
    one.setInterrupt(false);
    expect(rig.high).toBe('c');
  });

  test('is routed by the slot, whatever the function number', () => {
    const rig = new PciRig();
    const fn = make(rig, 'fn');
    rig.bus.add(fn, 3, 5);
    fn.setInterrupt(true);
    expect(rig.high).toBe('c');
  });

  test('does nothing if the function has none', () => {
    const rig = new PciRig();
    const fn = make(rig, 'fn', 0);
    rig.bus.add(fn, 3);
    fn.setInterrupt(true);
    expect(rig.high).toBe('');
  });
});

describe('Interrupt Disable', () => {
  test('lowers the line at once and raises it again, while Interrupt Status shows the request', () => {
    const { rig, fn } = setUp();
    fn.setInterrupt(true);
    const seen = [rig.high];
    rig.set(4, COMMAND, INTERRUPT_DISABLE, 2);
    seen.push(rig.high);
    const status = rig.get(4, 0x06, 2) & INTERRUPT_STATUS;
    rig.set(4, COMMAND, 0, 2);
    seen.push(rig.high);
    expect([seen, status]).toEqual([['d', '', 'd'], INTERRUPT_STATUS]);
  });

  test('masks later requests, and forgets one that is withdrawn', () => {
    const { rig, fn } = setUp();
    rig.set(4, COMMAND, INTERRUPT_DISABLE, 2);
    fn.setInterrupt(true);
    fn.setInterrupt(false);
    rig.set(4, COMMAND, 0, 2);
    expect([rig.high, rig.get(4, 0x06, 2) & INTERRUPT_STATUS]).toEqual(['', 0]);
  });

  test('in Status cannot be written', () => {
    const { rig, fn } = setUp();
    fn.setInterrupt(true);
    rig.set(4, 0x06, 0xffff, 2);
    expect([rig.high, rig.get(4, 0x06, 2) & INTERRUPT_STATUS]).toEqual(['d', INTERRUPT_STATUS]);
  });

  test('and the interrupt itself are cleared by a reset', () => {
    const { rig, fn } = setUp();
    rig.set(4, COMMAND, INTERRUPT_DISABLE, 2);
    fn.setInterrupt(true);
    fn.reset('hard');
    const after = [rig.high, rig.get(4, 0x06, 2), rig.get(4, COMMAND, 2)];
    fn.setInterrupt(true);
    expect([after, rig.high]).toEqual([['', 0, 0], 'd']);
  });
});

describe('a function that is removed', () => {
  test('answers nowhere and holds no line', () => {
    const { rig, fn } = setUp();
    rig.set(4, 0x10, 0xc001, 4);
    rig.set(4, COMMAND, 0x0001, 2);
    fn.setInterrupt(true);
    rig.bus.remove(fn);
    fn.setInterrupt(false);
    fn.setInterrupt(true);
    expect([rig.high, rig.ports.read(0xc000, 1), rig.get(4, 0, 4), fn.subject]).toEqual([
      '',
      0xff,
      0xffff_ffff,
      'net0',
    ]);
    expect([rig.bus.at(4 << 3), rig.bus.all()]).toEqual([null, []]);
  });

  test('answers at its registers’ addresses in another slot, and drives that slot’s line', () => {
    const { rig, fn } = setUp();
    rig.set(4, 0x10, 0xc001, 4);
    rig.set(4, COMMAND, 0x0001, 2);
    fn.setInterrupt(true);
    rig.bus.remove(fn);
    rig.bus.add(fn, 5);
    expect([rig.high, rig.ports.read(0xc000, 1), fn.subject]).toEqual(['a', 0x01, 'net0 (00:05.0)']);
  });

  test('frees its slot for another', () => {
    const { rig, fn } = setUp();
    const next = make(rig, 'net1');
    rig.bus.remove(fn);
    rig.bus.add(next, 4);
    expect(rig.bus.all()).toEqual([next]);
  });
});

describe('the bus', () => {
  test('lists its functions in the order of their addresses', () => {
    const rig = new PciRig();
    const [last, first] = [make(rig, 'last'), make(rig, 'first')];
    rig.bus.add(last, 5);
    rig.bus.add(first, 1, 3);
    expect([rig.bus.all(), rig.bus.at(0x0b)]).toEqual([[first, last], first]);
  });

  test('uncovers a region when a BAR over it moves away', () => {
    const { rig } = setUp();
    rig.ports.map(0xc000, block(7, 8), 'subtractive');
    rig.set(4, COMMAND, 0x0001, 2);
    rig.set(4, 0x10, 0xc001, 4);
    const over = rig.ports.read(0xc004, 1);
    rig.set(4, 0x10, 0xd001, 4);
    expect([over, rig.ports.read(0xc004, 1), rig.ports.read(0xd004, 1)]).toEqual([0x01, 0x07, 0x01]);
  });

  test('maps a window that is not a BAR for a function', () => {
    const { rig } = setUp();
    const window = block(9, 64);
    rig.bus.mapPorts(0xb000, window);
    const mapped = rig.ports.read(0xb03f, 1);
    rig.bus.unmapPorts(0xb000, window);
    expect([mapped, rig.ports.read(0xb03f, 1)]).toEqual([0x09, 0xff]);
  });

  test.each([
    ['a slot that is taken', 4, 0],
    ['a slot that no bus has', 32, 0],
    ['a function that no slot has', 5, 8],
    ['a slot below the first', -1, 0],
  ])('refuses %s', (_what, slot, number) => {
    const { rig } = setUp();
    expect(() => rig.bus.add(make(rig, 'more'), slot, number)).toThrow(MisuseError);
  });
});
