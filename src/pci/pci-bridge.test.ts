import { beforeEach, describe, expect, test } from 'vitest';
import { PciBridge } from './pci-bus.ts';
import { PciFunction } from './pci-function.ts';
import { block, PciRig } from './rig.ts';

const ALL_ONES = 0xffff_ffff;
const IDS = { vendor: 0x1ae0, device: 0x0f48, class: 0x06_0400, revision: 0 };
const [COMMAND, BAR, BUSES, WINDOW, CONTROL] = [0x04, 0x10, 0x18, 0x20, 0x3e];
const DECODES = 0x6;
/** Slots as `rig.get` takes them: bus << 5 | device. */
const [BRIDGE, INNER, DEVICE] = [5, (1 << 5) | 2, (2 << 5) | 3];
const AT = 0x8010_0000;

let rig: PciRig;
let bridges: PciBridge[];
let fn: PciFunction;

/** A function with 4 KiB behind two bridges: 00:05.0, 01:02.0 and 02:03.0. */
beforeEach(() => {
  rig = new PciRig();
  bridges = ['outer', 'inner'].map((name) => new PciBridge(name, rig.board, IDS));
  fn = new PciFunction('nvme0', rig.board, { ...IDS, class: 0x01_0802, pin: 1 });
  fn.addBar(0, 'mem32', block(7, 4096));
  rig.bus.addBridge(bridges[0]!, 5).addBridge(bridges[1]!, 2).add(fn, 3);
});

function numberBuses(): void {
  rig.set(BRIDGE, BUSES, 0x02_01_00, 4);
  rig.set(INNER, BUSES, 0x02_02_01, 4);
}

/** Opens both windows for the MiB at `AT`, and puts the function there. */
function place(): void {
  numberBuses();
  for (const slot of [BRIDGE, INNER]) {
    rig.set(slot, WINDOW, 0x8010_8010, 4);
    rig.set(slot, COMMAND, DECODES, 2);
  }
  rig.set(DEVICE, BAR, AT, 4);
  rig.set(DEVICE, COMMAND, DECODES, 2);
}

describe('what is behind bridges', () => {
  test('is not reached before the buses have numbers', () => {
    expect([rig.get(INNER, 0, 4), rig.get(DEVICE, 0, 4)]).toEqual([ALL_ONES, ALL_ONES]);
    expect(fn.bdf).toBe(-1);
  });

  test('is at the numbers that the bridges were given', () => {
    numberBuses();

    expect([rig.get(INNER, 0, 4), rig.get(DEVICE, 0, 4)]).toEqual([0x0f48_1ae0, 0x0f48_1ae0]);
    expect([bridges[1]!, fn].map(({ subject }) => subject)).toEqual(['inner (01:02.0)', 'nvme0 (02:03.0)']);
    expect(rig.bus.all().map(({ bdf }) => bdf)).toEqual([0x28, 0x110, 0x218]);
  });

  test('moves with the numbers', () => {
    numberBuses();
    rig.set(BRIDGE, BUSES, 0x09_08_00, 4);
    rig.set((8 << 5) | 2, BUSES, 0x09_09_08, 4);

    expect(rig.get(DEVICE, 0, 4)).toBe(ALL_ONES);
    expect(rig.get((9 << 5) | 3, 0, 4)).toBe(0x0f48_1ae0);
    expect(fn.bdf).toBe(0x918);
  });

  test('is not reached if a bridge before has a lower subordinate number', () => {
    numberBuses();
    rig.set(BRIDGE, BUSES, 0x01_01_00, 4);

    expect(rig.get(DEVICE, 0, 4)).toBe(ALL_ONES);
  });

  test('answers in memory within the windows of all bridges', () => {
    place();

    expect(rig.mmio.read(AT, 1)).toBe(7);
  });

  test.each([
    ['the window of the outer ends before it', () => rig.set(BRIDGE, WINDOW, 0x8000_8000, 4)],
    ['the window of the inner begins behind it', () => rig.set(INNER, WINDOW, 0x8020_8020, 4)],
    ['a window is closed', () => rig.set(INNER, WINDOW, 0x0000_fff0, 4)],
    ['a bridge does not decode memory', () => rig.set(BRIDGE, COMMAND, 4, 2)],
    ['it does not decode memory itself', () => rig.set(DEVICE, COMMAND, 4, 2)],
  ])('answers no more once %s', (_what, change) => {
    place();
    change();

    expect(rig.mmio.read(AT, 1)).toBe(0xff);
  });

  test('answers in memory while its bus has no number, too', () => {
    place();
    rig.set(INNER, BUSES, 0, 4);

    expect([fn.bdf, rig.mmio.read(AT, 1)]).toEqual([-1, 7]);
  });

  test.each([
    ['the bridges and itself', DECODES, DECODES, true],
    ['itself alone', 2, DECODES, false],
    ['the bridges alone', DECODES, 2, false],
  ])('reaches memory with bus mastering on in %s', (_what, bridge, device, open) => {
    place();
    rig.set(BRIDGE, COMMAND, bridge, 2);
    rig.set(DEVICE, COMMAND, device, 2);

    expect(fn.gate.open).toBe(open);
  });

  test('interrupts by the pin of the bridge that its slots turn it to', () => {
    fn.setInterrupt(true);

    // Slot 3 and slot 2 turn INTA to INTB of 00:05.0, whose INTA is link A.
    expect(rig.high).toBe('b');
  });

  test('is reset by Bridge Control, with the bridges behind', () => {
    place();
    rig.set(BRIDGE, CONTROL, 0x40, 2);
    const held = rig.get(INNER, BUSES, 4);
    rig.set(INNER, BUSES, 0x02_02_01, 4);
    rig.set(BRIDGE, CONTROL, 0, 2);

    expect([held, rig.get(INNER, BUSES, 4)]).toEqual([ALL_ONES, 0]);
    expect([fn.bdf, fn.gate.open, fn.config.read(BAR, 4)]).toEqual([-1, false, 0]);
  });

  test('can be pulled out', () => {
    place();
    fn.bus!.remove(fn);

    expect(rig.get(DEVICE, 0, 4)).toBe(ALL_ONES);
    expect(rig.mmio.read(AT, 1)).toBe(0xff);
  });
});
