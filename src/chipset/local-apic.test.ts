import { describe, expect, test } from 'vitest';
import { Rig } from '../core/rig.ts';
import { LocalApic } from './local-apic.ts';

const BASE = 0xfee0_0000;
const [ID, VERSION, TPR, PPR, EOI, LDR, DFR, SVR, ESR, LINT0] = [
  0x20, 0x30, 0x80, 0xa0, 0xb0, 0xd0, 0xe0, 0xf0, 0x280, 0x350,
] as const;
/** IRR of vectors 40h to 5Fh; the same word of ISR and TMR is below. */
const [ISR2, TMR2, IRR2] = [0x120, 0x1a0, 0x220] as const;
const LEVEL = 0xc000;

class ApicRig extends Rig {
  readonly ended: number[] = [];
  readonly apic = new LocalApic('apic', this.board, { onEoi: (vector) => this.ended.push(vector) });
  /** INTA cycles that were run. */
  cycles = 0;

  constructor() {
    super();
    this.mmio.map(BASE, this.apic);
  }

  set(offset: number, value: number): void {
    this.mmio.write(BASE + offset, value, 4);
  }

  get(...offsets: number[]): number[] {
    return offsets.map((offset) => this.mmio.read(BASE + offset, 4));
  }

  post(...data: number[]): boolean[] {
    return data.map((word) => this.apic.message(BASE, word));
  }

  accept(): number {
    return this.apic.accept(() => {
      this.cycles++;
      return 0x30;
    });
  }
}

describe('registers', () => {
  test('its initial state is that after firmware: enabled, LINT0 unmasked as ExtINT', () => {
    expect(new ApicRig().get(ID, VERSION, TPR, PPR, LDR, DFR, SVR, LINT0, 0x320, 0x370)).toEqual([
      0, 0x0005_0014, 0, 0, 0, 0xffff_ffff, 0x1ff, 0x700, 0x1_0000, 0x1_0000,
    ]);
  });

  test('any reset restores that state', () => {
    const rig = new ApicRig();
    rig.set(LINT0, 0x1_0000);
    rig.set(SVR, 0x0ff);
    rig.set(TPR, 0x80);
    rig.post(0x41);
    rig.apic.reset('soft');
    expect([rig.get(LINT0, SVR, TPR, IRR2), rig.apic.pending()]).toEqual([[0x700, 0x1ff, 0, 0], false]);
  });

  test('disabling by software masks the local vector table, and refuses messages', () => {
    const rig = new ApicRig();
    rig.set(SVR, 0x0ff);
    rig.set(LINT0, 0x700);
    expect([rig.get(LINT0), rig.post(0x41)]).toEqual([[0x1_0700], [false]]);
  });

  test('a narrow read returns its part of a register, a narrow write is lost', () => {
    const rig = new ApicRig();
    rig.mmio.write(BASE + TPR, 0x20, 1);
    expect([rig.get(TPR), rig.mmio.read(BASE + SVR + 1, 1)]).toEqual([[0], 0x01]);
  });

  test('a trace names registers, banks and vector table entries', () => {
    const rig = new ApicRig();
    const said = [SVR, ISR2, LINT0, 0x3f0].map((offset) => [rig.get(offset), rig.lastAccess][1]);
    expect(said).toEqual([
      'apic SVR → 000001ff  VECTOR=ffh ENABLE',
      'apic ISR2 → 00000000',
      'apic LVT_LINT0 → 00000700  DELMOD=7',
      'apic+3f0',
    ]);
  });
});

describe('messages', () => {
  test('the highest vector is taken first, each goes from IRR to ISR, and EOI takes the highest out', () => {
    const rig = new ApicRig();
    rig.post(0x41, 0x52);
    const waiting = rig.get(IRR2, ISR2);
    const first = rig.accept();
    const nested = rig.apic.pending();
    const taken = rig.get(IRR2, ISR2, PPR);
    rig.set(EOI, 0);
    expect([waiting, first, nested, taken]).toEqual([[0x4_0002, 0], 0x52, false, [0x0_0002, 0x4_0000, 0x50]]);
    expect([rig.accept(), rig.get(IRR2, ISR2)]).toEqual([0x41, [0, 0x2]]);
  });

  test('a vector of the class in service waits, one of a higher class nests', () => {
    const rig = new ApicRig();
    rig.post(0x41);
    rig.accept();
    rig.post(0x4f);
    const same = rig.apic.pending();
    rig.post(0x50);
    expect([same, rig.apic.pending(), rig.accept()]).toEqual([false, true, 0x50]);
  });

  test('TPR blocks its class and those below', () => {
    const rig = new ApicRig();
    rig.set(TPR, 0x40);
    rig.post(0x4f);
    const held = rig.apic.pending();
    rig.set(TPR, 0x3f);
    expect([held, rig.apic.pending()]).toEqual([false, true]);
  });

  test('only the EOI of a level interrupt is sent to the IOAPIC', () => {
    const rig = new ApicRig();
    rig.post(0x41, LEVEL | 0x52);
    const tmr = rig.get(TMR2);
    for (let i = 0; i < 2; i++) {
      rig.accept();
      rig.set(EOI, 0);
    }
    rig.set(EOI, 0);
    expect([tmr, rig.ended]).toEqual([[0x4_0000], [0x52]]);
  });

  test('a vector that came as a level and comes as an edge is an edge', () => {
    const rig = new ApicRig();
    rig.post(LEVEL | 0x41, 0x41);
    rig.accept();
    rig.set(EOI, 0);
    expect(rig.ended).toEqual([]);
  });

  test('PPR is TPR unless what is in service has a higher class', () => {
    const rig = new ApicRig();
    rig.post(0x41);
    rig.accept();
    const values = [0x30, 0x45, 0x52].map((tpr) => [rig.set(TPR, tpr), ...rig.get(PPR)][1]);
    expect(values).toEqual([0x40, 0x45, 0x52]);
  });

  test('a vector that comes twice before it is taken is taken once', () => {
    const rig = new ApicRig();
    rig.post(0x41, 0x41);
    rig.accept();
    rig.set(EOI, 0);
    expect(rig.apic.pending()).toBe(false);
  });

  test('accepting without a request gives the spurious vector and puts nothing in service', () => {
    const rig = new ApicRig();
    rig.set(SVR, 0x1ef);
    expect([rig.accept(), rig.get(PPR)]).toEqual([0xef, [0]]);
  });

  test.each([
    ['its id', 0xfee0_0000, true],
    ['another id', 0xfee0_1000, false],
    ['everybody', 0xfeef_f000, true],
    ['its logical id', 0xfee0_2004, true],
    ['another logical id', 0xfee0_1004, false],
    ['RAM', 0x0010_0000, false],
    ['RAM above 4 GiB that looks like it', 0x1_fee0_0000, false],
  ])('one to %s is for it: %#', (_name, address, taken) => {
    const rig = new ApicRig();
    rig.set(LDR, 0x0200_0000);
    expect(rig.apic.message(address, 0x41)).toBe(taken);
  });

  test('logical ids of the cluster model have a cluster and four bits', () => {
    const rig = new ApicRig();
    rig.set(DFR, 0x0fff_ffff);
    rig.set(LDR, 0x1200_0000);
    expect([0xfee1_3004, 0xfee2_2004, 0xfee1_d004].map((at) => rig.apic.message(at, 0x41))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('it takes fixed and lowest priority, no NMI, and no reserved vector', () => {
    const rig = new ApicRig();
    const taken = rig.post(0x41, 0x142, 0x443, 0x00f);
    const before = rig.get(ESR);
    rig.set(ESR, 0);
    expect([taken, before, rig.get(ESR)]).toEqual([[true, true, false, false], [0], [0x40]]);
  });
});

describe('the virtual wire', () => {
  test('INTR of the 8259 pair precedes all vectors, whatever TPR is, and gets its vector by INTA', () => {
    const rig = new ApicRig();
    rig.set(TPR, 0xff);
    rig.post(0x41);
    rig.apic.setLint0(true);
    expect([rig.apic.pending(), rig.accept(), rig.cycles, rig.get(ISR2)]).toEqual([true, 0x30, 1, [0]]);
  });

  test.each([
    ['masked', 0x1_0700],
    ['no ExtINT', 0x0_0030],
  ])('it is cut while LINT0 is %s', (_name, lint0) => {
    const rig = new ApicRig();
    rig.apic.setLint0(true);
    rig.set(LINT0, lint0);
    const cut = rig.apic.pending();
    rig.set(LINT0, 0x700);
    expect([cut, rig.apic.pending()]).toEqual([false, true]);
  });
});
