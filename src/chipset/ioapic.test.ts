import { describe, expect, test } from 'vitest';
import { Rig } from '../core/rig.ts';
import { IoApic } from './ioapic.ts';

const BASE = 0xfec0_0000;
const EDGE = 0x0040;
const LEVEL = 0x8040;
const MASKED = 0x1_0000;
/** What an entry for vector 40h to APIC 0 sends. */
const EDGE_MESSAGE = { address: 0xfee0_0000, data: 0x0040 };
const LEVEL_MESSAGE = { address: 0xfee0_0000, data: 0xc040 };

class IoApicRig extends Rig {
  readonly ioapic: IoApic;

  constructor(version?: 0x20) {
    super();
    this.ioapic = new IoApic('ioapic', this.board, version === undefined ? {} : { version });
    this.mmio.map(BASE, this.ioapic);
  }

  set(index: number, value: number): void {
    this.mmio.write(BASE, index, 4);
    this.mmio.write(BASE + 0x10, value, 4);
  }

  get(index: number): number {
    this.mmio.write(BASE, index, 4);
    return this.mmio.read(BASE + 0x10, 4);
  }

  /** The low half of the entry of pin 10. */
  set entry(value: number) {
    this.set(0x24, value);
  }

  get entry(): number {
    return this.get(0x24);
  }
}

describe('registers', () => {
  test('after reset it is version 11h with 24 masked entries, id 0', () => {
    const rig = new IoApicRig();
    expect([0, 1, 2, 0x10, 0x11, 0x3e, 0x3f].map((index) => rig.get(index))).toEqual([
      0, 0x0017_0011, 0, 0x0001_0000, 0, 0x0001_0000, 0,
    ]);
  });

  test.each([
    ['id', 0x00, 0x0f00_0000],
    ['version', 0x01, 0x0017_0011],
    ['low half of an entry, all but its two status bits', 0x24, 0x0001_afff],
    ['high half of an entry', 0x25, 0xff00_0000],
  ])('it keeps its implemented bits of all ones: %s', (_name, index, kept) => {
    const rig = new IoApicRig();
    rig.set(index, 0xffff_ffff);
    expect(rig.get(index)).toBe(kept);
  });

  test('the arbitration id follows a write of the id and takes none itself', () => {
    const rig = new IoApicRig();
    rig.set(0, 0x0a00_0000);
    rig.set(2, 0x0500_0000);
    expect(rig.get(2)).toBe(0x0a00_0000);
  });

  test('IOREGSEL has eight bits', () => {
    const rig = new IoApicRig();
    rig.mmio.write(BASE, 0x101, 4);
    expect([rig.mmio.read(BASE, 4), rig.mmio.read(BASE + 0x10, 4)]).toEqual([1, 0x0017_0011]);
  });

  test('a narrow read sees its part of IOWIN, a narrow write is lost', () => {
    const rig = new IoApicRig();
    rig.mmio.write(BASE, 0x24, 4);
    rig.mmio.write(BASE + 0x10, 0x40, 1);
    expect([rig.mmio.read(BASE + 0x12, 1), rig.entry]).toEqual([0x01, MASKED]);
  });

  test('a reset masks all entries; a soft one does not affect the chipset', () => {
    const rig = new IoApicRig();
    rig.entry = EDGE;
    rig.ioapic.reset('soft');
    const soft = rig.entry;
    rig.ioapic.reset('hard');
    expect([soft, rig.entry]).toEqual([EDGE, MASKED]);
  });
});

describe('edge entries', () => {
  test('each rising edge is a message, with the destination of the entry', () => {
    const rig = new IoApicRig();
    rig.set(0x25, 0x0300_0000);
    rig.entry = EDGE | 0x0900;
    for (const level of [true, false, true]) rig.ioapic.setInput(10, level);
    // Destination 3 in bits 19:12; lowest priority and a logical destination in bits 3 and 2.
    const message = { address: 0xfee0_300c, data: 0x0140 };
    expect(rig.sent).toEqual([message, message]);
  });

  test('driving a high input high again is no edge', () => {
    const rig = new IoApicRig();
    rig.entry = EDGE;
    rig.ioapic.setInput(10, true);
    rig.ioapic.setInput(10, true);
    expect(rig.sent).toEqual([EDGE_MESSAGE]);
  });

  test('an EOI of its vector does not send an edge again', () => {
    const rig = new IoApicRig();
    rig.entry = EDGE;
    rig.ioapic.setInput(10, true);
    rig.ioapic.eoi(0x40);
    expect(rig.sent).toEqual([EDGE_MESSAGE]);
  });

  test('an edge while masked is lost', () => {
    const rig = new IoApicRig();
    rig.entry = EDGE | MASKED;
    rig.ioapic.setInput(10, true);
    rig.entry = EDGE;
    expect(rig.sent).toEqual([]);
  });

  test('active low is kept and changes nothing', () => {
    const rig = new IoApicRig();
    rig.entry = EDGE | 0x2000;
    rig.ioapic.setInput(10, true);
    expect([rig.sent, rig.entry]).toEqual([[EDGE_MESSAGE], 0x2040]);
  });

  test('an NMI is an edge, whatever the entry says', () => {
    const rig = new IoApicRig();
    rig.entry = LEVEL | 0x0400;
    rig.ioapic.setInput(10, true);
    expect([rig.sent, rig.entry]).toEqual([[{ address: 0xfee0_0000, data: 0x0440 }], LEVEL | 0x0400]);
  });
});

describe('level entries', () => {
  test('a level is sent once, and once more by each EOI that finds it high', () => {
    const rig = new IoApicRig();
    rig.entry = LEVEL;
    rig.ioapic.setInput(10, true);
    const inService = rig.entry;
    rig.ioapic.eoi(0x41);
    const otherVector = rig.sent.length;
    rig.ioapic.eoi(0x40);
    const again = rig.sent.length;
    rig.ioapic.setInput(10, false);
    rig.ioapic.eoi(0x40);
    expect([inService, otherVector, again, rig.entry]).toEqual([0xc040, 1, 2, LEVEL]);
    expect(rig.sent).toEqual([LEVEL_MESSAGE, LEVEL_MESSAGE]);
  });

  test('unmasking with the input high sends at once; a level that came and went while masked has no effect', () => {
    const rig = new IoApicRig();
    rig.entry = LEVEL | MASKED;
    rig.ioapic.setInput(10, true);
    rig.ioapic.setInput(10, false);
    rig.entry = LEVEL;
    const gone = rig.sent.length;
    rig.entry = LEVEL | MASKED;
    rig.ioapic.setInput(10, true);
    rig.entry = LEVEL;
    expect([gone, rig.sent.length]).toEqual([0, 1]);
  });

  test('writing the entry keeps remote IRR, so that masking does not send twice', () => {
    const rig = new IoApicRig();
    rig.entry = LEVEL;
    rig.ioapic.setInput(10, true);
    rig.entry = LEVEL | MASKED;
    const masked = rig.entry;
    rig.entry = LEVEL;
    expect([masked, rig.sent.length]).toEqual([0x1_c040, 1]);
  });

  test('an EOI while masked clears remote IRR and sends nothing', () => {
    const rig = new IoApicRig();
    rig.entry = LEVEL;
    rig.ioapic.setInput(10, true);
    rig.entry = LEVEL | MASKED;
    rig.ioapic.eoi(0x40);
    expect([rig.entry, rig.sent.length]).toEqual([LEVEL | MASKED, 1]);
  });

  test('mask and edge, then the old entry, end an interrupt as Linux does on version 11h', () => {
    const rig = new IoApicRig();
    rig.entry = LEVEL;
    rig.ioapic.setInput(10, true);
    rig.entry = EDGE | MASKED;
    const cleared = rig.entry;
    rig.entry = LEVEL;
    expect([cleared, rig.sent.length]).toEqual([EDGE | MASKED, 2]);
  });
});

describe('the EOI register', () => {
  test('exists in version 20h', () => {
    const rig = new IoApicRig(0x20);
    rig.entry = LEVEL;
    rig.ioapic.setInput(10, true);
    rig.mmio.write(BASE + 0x40, 0x40, 4);
    expect([rig.get(1), rig.sent.length]).toEqual([0x0017_0020, 2]);
  });

  test('does not exist in version 11h', () => {
    const rig = new IoApicRig();
    rig.entry = LEVEL;
    rig.ioapic.setInput(10, true);
    rig.mmio.write(BASE + 0x40, 0x40, 4);
    expect(rig.sent.length).toBe(1);
  });
});

test('a trace names the register behind IOWIN and the pin', () => {
  const rig = new IoApicRig();
  rig.mmio.write(BASE, 0x24, 4);
  const select = rig.lastAccess;
  rig.mmio.write(BASE + 0x10, LEVEL, 4);
  const entry = rig.lastAccess;
  rig.get(1);
  const version = rig.lastAccess;
  rig.get(3);
  expect([select, entry, version, rig.lastAccess]).toEqual([
    'ioapic IOREGSEL ← 00000024',
    'ioapic pin 10 IOREDTBL_LOW ← 00008040  VECTOR=40h TRIGGER',
    'ioapic IOAPICVER → 00170011  VERSION=11h MRE=17h',
    'ioapic index 03 IOWIN → 00000000',
  ]);
});
