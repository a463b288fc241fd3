import { describe, expect, test } from 'vitest';
import { Clock, TIME_END } from '../core/clock.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { gceN1 } from './gce-n1.ts';

const APIC = 0xfee0_0000;
const [LVT_TIMER, INITIAL, DIVIDE] = [0x320, 0x380, 0x3e0] as const;
const [SPURIOUS, COMMAND, TO_ITSELF] = [0xf0, 0x300, 0x4_0000] as const;
/** Vectors 40 to 4f, and automatic EOI; IRQ 11, which is level-triggered, is open. */
const PAIR_WITHOUT_EOI = [
  ...[0x11, 0x40, 4, 3, 0xfb].map((value, i) => [i === 0 ? 0x20 : 0x21, value] as const),
  ...[0x11, 0x48, 2, 3, 0xf7].map((value, i) => [i === 0 ? 0xa0 : 0xa1, value] as const),
];
const SECOND = 1_000_000_000;
const never = () => false;

/** Counter 0 of the 8254 in mode 2. */
function startPit(port: GuestPort, count: number): void {
  port.out(0x43, 0x34, 1);
  port.out(0x40, count & 0xff, 1);
  port.out(0x40, count >> 8, 1);
}

/** Lets one of IRQ 0 to 7 through, at vector 40 and after; the handler counts. */
function hear(port: GuestPort, irq: number): { count: number } {
  const ticks = { count: 0 };
  for (const [at, value] of [
    [0x20, 0x11],
    [0x21, 0x40],
    [0x21, 0x04],
    [0x21, 0x01],
    [0x21, ~(1 << irq) & 0xff],
  ] as const)
    port.out(at, value, 1);
  port.handle(0x40 + irq, () => {
    ticks.count++;
    port.out(0x20, 0x20, 1);
  });
  port.unmask();
  return ticks;
}

/** The APIC's timer, once, a nanosecond a count. */
function startApicTimer(port: GuestPort, count: number, vector: number): void {
  port.write(APIC + DIVIDE, 0xb, 4);
  port.write(APIC + LVT_TIMER, vector, 4);
  port.write(APIC + INITIAL, count, 4);
}

describe('a wait without a limit', () => {
  test('is over at once where nothing is due, and takes no time', () => {
    const { port } = gceN1({ firmware: false });

    expect([port.wait(never, Number.POSITIVE_INFINITY), port.now()]).toEqual([false, 0]);
  });

  test('is over where nothing is due but ticks without an interrupt, as firmware leaves the machine', () => {
    const machine = gceN1();

    expect(machine.port.wait(never, Number.POSITIVE_INFINITY)).toBe(false);
    expect(machine.now).toBeLessThan(SECOND / 5);
  });

  test('is what every limit past the end of virtual time is', () => {
    const { port } = gceN1();

    expect([1e300, TIME_END].map((limit) => port.wait(never, limit))).toEqual([false, false]);
    expect(port.now()).toBeLessThan(SECOND);
  });

  test('goes on as long as ticks interrupt', () => {
    const { port } = gceN1();
    const ticks = hear(port, 0);
    startPit(port, 11_932);

    expect(port.wait(() => ticks.count === 250, Number.POSITIVE_INFINITY)).toBe(true);
  });

  test('goes on for a tick that comes seldom, beside others that do not interrupt', () => {
    const { port } = gceN1();
    let taken = 0;
    port.handle(0x50, () => taken++);
    port.unmask();
    startPit(port, 11_932);
    startApicTimer(port, 4 * SECOND, 0x50);

    expect(port.wait(() => taken === 1, Number.POSITIVE_INFINITY)).toBe(true);
  });

  test('is over after an interrupt behind which nothing is due', () => {
    const { port } = gceN1({ firmware: false });
    let taken = 0;
    port.write(APIC + SPURIOUS, 0x1ff, 4);
    port.handle(0x50, () => taken++);
    port.unmask();
    port.write(APIC + COMMAND, TO_ITSELF | 0x50, 4);

    expect([port.wait(never, Number.POSITIVE_INFINITY), taken]).toEqual([false, 1]);
  });

  test('is given up where a handler neither quiets its line nor makes an access', () => {
    const { port, chassis } = gceN1({ patience: 1000 });
    for (const [at, value] of PAIR_WITHOUT_EOI) port.out(at, value, 1);
    port.handle(0x4b, () => {});
    chassis.interrupts.isa[11]!.source('test').set(true);
    port.unmask();

    expect(() => port.wait(never, Number.POSITIVE_INFINITY)).toThrow('without progress');
  });

  test('goes on while anything else is due in the machine', () => {
    const { port, serial } = gceN1();
    port.out(0x3fb, 0x03, 1);
    serial[0]!.type('a');

    expect(port.wait(() => (port.in(0x3fd, 1) & 1) === 1, Number.POSITIVE_INFINITY)).toBe(true);
  });

  test.each([{ firmware: false }, {}] as const)(
    'goes on until a time that the guest waits for, with %j',
    (options) => {
      const { port } = gceN1(options);
      const begun = port.now();

      const came = port.wait(() => port.now() >= begun + SECOND, Number.POSITIVE_INFINITY);

      expect(came).toBe(true);
      expect(port.now() - begun).toBeLessThan(1.2 * SECOND);
    },
  );

  test('is over where the guest asks for the time and waits for nothing', () => {
    const { port } = gceN1();
    const asks = () => port.now() < 0;

    expect(port.wait(asks, Number.POSITIVE_INFINITY)).toBe(false);
  });

  test('goes on for what is due in another machine with the same clock', () => {
    const clock = new Clock();
    const [one, other] = [gceN1({ clock }), gceN1({ clock })];
    const script = other.serial[0]!.dialogue().pause(SECOND);

    expect(one.port.wait(() => script.done, Number.POSITIVE_INFINITY)).toBe(true);
  });
});

describe('a wait with a limit', () => {
  test('takes all of it, rounded up to a nanosecond', () => {
    const { port } = gceN1({ firmware: false });

    expect([port.wait(never, 1000.5), port.now()]).toEqual([false, 1001]);
  });

  test('tests its condition once more if the test used up the rest of it', () => {
    const { port } = gceN1({ firmware: false });
    const end = port.now() + 1500;
    // The access takes 1000 ns, twice.
    const isOver = () => {
      const over = port.now() >= end;
      port.in(0x80, 1);
      port.in(0x80, 1);
      return over;
    };

    expect(port.wait(isOver, 1500)).toBe(true);
  });

  test('ends at its limit in a storm of interrupts that no handler ends', () => {
    const { port } = gceN1();
    port.out(0x4d0, 0x10, 1); // ELCR1: IRQ 4 is a level
    port.out(0x3f9, 0x02, 1); // IER: THRE, which is there
    port.out(0x3fc, 0x08, 1); // MCR: OUT2 lets it through
    const taken = hear(port, 4);
    const begun = port.now();

    port.wait(never, SECOND / 1000);

    expect(taken.count).toBeGreaterThan(400);
    expect(port.now() - begun).toBeLessThan(SECOND / 900);
  });
});

describe('the end of virtual time', () => {
  test('stops the guest with an error that says so, and the clock where it is', () => {
    const machine = gceN1({ firmware: false });
    machine.port.wait(never, TIME_END);

    expect(() => machine.port.in(0x80, 1)).toThrow('the end of virtual time, 2^53 (104 days)');
    expect(machine.now).toBe(TIME_END);
  });

  test('is reached to the nanosecond by a machine that has its ticks until then', () => {
    const clock = new Clock();
    clock.advance(TIME_END - SECOND);
    const { port } = gceN1({ clock });
    const ticks = hear(port, 0);
    startPit(port, 11_932);

    port.wait(never, TIME_END - port.now());

    expect([port.now(), ticks.count]).toEqual([TIME_END, 99]);
  });
});

test('an access of the longest kind goes over no more than the shortest periods in it', () => {
  const { port, chassis } = gceN1({ accessTime: 1_000_000 });
  startPit(port, 2);
  startApicTimer(port, 1, 0x2_0050);
  let rises = 0;
  chassis.interrupts.isa[0]!.onChange = (level) => level && rises++;

  port.in(0x80, 1);

  expect(rises).toBe(5);
});
