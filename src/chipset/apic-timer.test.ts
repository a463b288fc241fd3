import { describe, expect, test } from 'vitest';
import { Rig } from '../core/rig.ts';
import { LocalApic } from './local-apic.ts';

const BASE = 0xfee0_0000;
const [ESR, ICR_LOW, ICR_HIGH, LVT_TIMER, LVT_ERROR, INITIAL, CURRENT, DIVIDE] = [
  0x280, 0x300, 0x310, 0x320, 0x370, 0x380, 0x390, 0x3e0,
] as const;
/** Divide by 1: a count is a nanosecond. */
const BY_1 = 0xb;
const PERIODIC = 0x2_0000;
const MASKED = 0x1_0000;
const SECOND = 1_000_000_000;

class ApicRig extends Rig {
  readonly apic = new LocalApic('apic', this.board, { onEoi: () => {} });

  constructor() {
    super();
    this.mmio.map(BASE, this.apic);
  }

  set(...pairs: (readonly [offset: number, value: number])[]): this {
    for (const [offset, value] of pairs) this.mmio.write(BASE + offset, value, 4);
    return this;
  }

  get(offset: number): number {
    return this.mmio.read(BASE + offset, 4);
  }

  /** Takes what is pending and ends it. */
  take(): number[] {
    const vectors: number[] = [];
    while (this.apic.pending()) {
      vectors.push(this.apic.accept(() => 0));
      this.set([0xb0, 0]);
    }
    return vectors;
  }

  /** How many interrupts occur in `time`, polled every `step` nanoseconds. */
  count(time: number, step: number): number {
    let taken = 0;
    for (let passed = 0; passed < time; passed += step) {
      this.clock.advance(step);
      taken += this.take().length;
    }
    return taken;
  }
}

describe('the timer', () => {
  test('interrupts once, at its time, and stays at 0', () => {
    const rig = new ApicRig().set([LVT_TIMER, 0x40], [DIVIDE, BY_1], [INITIAL, 1000]);
    rig.clock.advance(999);
    const before = [rig.get(CURRENT), rig.take()];
    rig.clock.advance(1);
    const at = rig.take();
    rig.clock.advance(SECOND);
    expect([before, at, rig.get(CURRENT), rig.take()]).toEqual([[1, []], [0x40], 0, []]);
  });

  test('interrupts each period, without drift', () => {
    const rig = new ApicRig().set([LVT_TIMER, PERIODIC | 0x40], [DIVIDE, BY_1], [INITIAL, 333_333]);
    const taken = rig.count(SECOND, 50_000);
    expect([taken, rig.get(CURRENT)]).toEqual([3000, 333_333 - (SECOND % 333_333)]);
  });

  // Bits 3, 1 and 0, as in the SDM's figure of the divide configuration register.
  test.each([
    [0x0, 2],
    [0x1, 4],
    [0x2, 8],
    [0x3, 16],
    [0x8, 32],
    [0x9, 64],
    [0xa, 128],
    [0xb, 1],
  ])('with divider value %i, a count takes %i ns', (divide, nanoseconds) => {
    const rig = new ApicRig().set([DIVIDE, divide], [INITIAL, 1000]);
    rig.clock.advance(100 * nanoseconds);
    expect(rig.get(CURRENT)).toBe(900);
  });

  test('continues with the remaining count when the divider changes', () => {
    const rig = new ApicRig().set([LVT_TIMER, 0x40], [DIVIDE, BY_1], [INITIAL, 1000]);
    rig.clock.advance(400);
    rig.set([DIVIDE, 0x0]);
    rig.clock.advance(1199);
    const before = [rig.get(CURRENT), rig.take()];
    rig.clock.advance(1);
    expect([before, rig.take()]).toEqual([[1, []], [0x40]]);
  });

  test('that is made periodic continues to its end, and then restarts; an expired one stays expired', () => {
    const rig = new ApicRig().set([LVT_TIMER, 0x40], [DIVIDE, BY_1], [INITIAL, 1_000_000]);
    rig.clock.advance(400_000);
    rig.set([LVT_TIMER, PERIODIC | 0x40]);
    const running = [rig.get(CURRENT), rig.count(2_600_000, 100_000)];
    rig.set([LVT_TIMER, 0x40], [INITIAL, 1_000_000]);
    rig.clock.advance(2_000_000);
    rig.take();
    rig.set([LVT_TIMER, PERIODIC | 0x40]);
    expect([running, rig.count(SECOND, 1_000_000), rig.get(CURRENT)]).toEqual([[600_000, 3], 0, 0]);
  });

  test('counts while it is masked, and does not interrupt', () => {
    const rig = new ApicRig().set([LVT_TIMER, MASKED | 0x40], [DIVIDE, BY_1], [INITIAL, 1000]);
    rig.clock.advance(600);
    const count = rig.get(CURRENT);
    rig.clock.advance(600);
    expect([count, rig.take()]).toEqual([400, []]);
  });

  test('is stopped by 0, by an unsupported mode, and by a reset', () => {
    const stops: (readonly [number, number])[] = [
      [INITIAL, 0],
      [LVT_TIMER, 0x4_0040],
    ];
    const rig = new ApicRig();
    const counts = stops.map((stop) => {
      rig.set([LVT_TIMER, 0x40], [DIVIDE, BY_1], [INITIAL, 1000], stop);
      rig.clock.advance(2000);
      return [rig.get(CURRENT), rig.take()];
    });
    rig.set([LVT_TIMER, 0x40], [INITIAL, 1000]);
    rig.apic.reset('soft');
    rig.clock.advance(200_000);
    expect([counts, rig.take(), rig.get(INITIAL)]).toEqual([
      [
        [0, []],
        [0, []],
      ],
      [],
      0,
    ]);
  });

  test('with a period near zero does not stop time: the minimum is KVM’s 200 µs', () => {
    const rig = new ApicRig().set([LVT_TIMER, PERIODIC | 0x40], [DIVIDE, BY_1], [INITIAL, 1]);
    expect(rig.count(10_000_000, 1000)).toBe(50);
  });

  test('removes its timer when it is closed', () => {
    const rig = new ApicRig().set([LVT_TIMER, 0x40], [INITIAL, 1000]);
    rig.apic.close();
    rig.clock.advance(SECOND);
    expect(rig.take()).toEqual([]);
  });
});

describe('interrupts between processors', () => {
  // Destination 1 does not exist; the only APIC has ID 0.
  test.each([
    ['to itself by shorthand', 0, 0x0004_0041, [0x41]],
    ['to all by shorthand', 0, 0x0008_0041, [0x41]],
    ['to all but itself', 0, 0x000c_0041, []],
    ['to its id', 0x0000_0000, 0x41, [0x41]],
    ['to all by id', 0xff00_0000, 0x41, [0x41]],
    ['to another id', 0x0100_0000, 0x41, []],
    ['lowest priority to its id', 0, 0x141, [0x41]],
    ['INIT to another', 0x0100_0000, 0x4500, []],
    ['start-up to itself', 0, 0x0004_0610, []],
    ['to a logical id that it has not', 0x0200_0000, 0x841, []],
    ['to its logical id', 0x0100_0000, 0x841, [0x41]],
  ])('%s', (_what, high, low, vectors) => {
    const rig = new ApicRig().set([0xd0, 0x0100_0000], [ICR_HIGH, high], [ICR_LOW, low]);
    expect([rig.take(), rig.get(ICR_LOW), rig.get(ICR_HIGH)]).toEqual([vectors, low, high]);
  });

  test('need the APIC enabled', () => {
    const rig = new ApicRig().set([0xf0, 0xff], [ICR_LOW, 0x0004_0041]);
    expect(rig.take()).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    ['a vector below 16 in ICR', [ICR_LOW, 0x0004_000f], 0x20],
    ['a vector below 16 of the timer', [LVT_TIMER, 0x0f], 0x40],
  ] as const)('%s shows in ESR after a write, and interrupts', (_what, cause, bit) => {
    const rig = new ApicRig().set([LVT_ERROR, 0xfe], cause, [INITIAL, 100]);
    rig.clock.advance(1000);
    const unwritten = rig.get(ESR);
    rig.set([ESR, 0]);
    const shown = rig.get(ESR);
    rig.set([ESR, 0]);
    expect([unwritten, shown, rig.get(ESR), rig.take()]).toEqual([0, bit, 0, [0xfe]]);
  });

  test('an error vector below 16 is one further error, without a loop', () => {
    const rig = new ApicRig().set([LVT_ERROR, 0x01], [ICR_LOW, 0x0004_0001], [ESR, 0]);
    expect([rig.get(ESR), rig.take()]).toEqual([0x60, []]);
  });
});
