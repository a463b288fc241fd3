import { TCW } from '../../chipset/registers/pit.ts';
import {
  HOURS,
  HOURS_ALARM,
  MINUTES,
  MINUTES_ALARM,
  REGISTER_A,
  REGISTER_B,
  REGISTER_C,
  RTCD,
  RTCI,
  SECONDS,
  SECONDS_ALARM,
} from '../../chipset/registers/rtc.ts';
import { behind } from '../../conformance/broken/behind.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { PitDriver, RtcDriver } from '../../guest/index.ts';
import type { ClauseId } from '../index.ts';

const { SET, UIE, PIE, AIE } = REGISTER_B.mask;
const [LOW_BYTE, BOTH_BYTES] = [1, 3];
const LATCH = 0;
/** Virtual nanoseconds before the end of an update, which comes with each second. */
const WITHIN_UPDATE = 1_000_000;

/** Acts, and lets time pass. */
function doing(name: string, clause: ClauseId, run: (port: GuestPort) => void): BrokenDriver {
  return {
    clause,
    model: {
      name,
      drivers: [],
      run: (port) => {
        run(port);
        port.wait(() => false, 2 * SECOND);
      },
    },
  };
}

function get(port: GuestPort, index: number): number {
  port.out(PORT.RTC + RTCI.offset, index, 1);
  return port.in(PORT.RTC + RTCD.offset, 1);
}

function put(port: GuestPort, index: number, value: number): void {
  port.out(PORT.RTC + RTCI.offset, index, 1);
  port.out(PORT.RTC + RTCD.offset, value, 1);
}

/** A port by which SET is never written. */
function withoutSet(port: GuestPort): GuestPort {
  let selected = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === PORT.RTC + RTCI.offset) selected = value;
      const isControl = at === PORT.RTC + RTCD.offset && selected === REGISTER_B.offset;
      port.out(at, isControl ? value & ~SET : value, width);
    },
  });
}

function command(port: GuestPort, counter: number, rw: number): void {
  port.out(PORT.PIT + TCW.offset, TCW.encode({ SC: counter, RW: rw, MODE: rw === LATCH ? 0 : 2 }), 1);
}

/** Mistakes with the clock and the timer. */
export const MUTANTS: readonly BrokenDriver[] = [
  doing('reads the time when an update is due', 'rtc/UIP', (port) => {
    port.wait(() => false, SECOND - WITHIN_UPDATE - (port.now() % SECOND));
    get(port, SECONDS.offset);
  }),
  doing('reads the time once, without a look at UIP', 'rtc/UNGUARDED', (port) => {
    // Far from an update: what it reads is right.
    port.wait(() => false, SECOND / 2 - (port.now() % SECOND));
    for (const { offset } of [SECONDS, MINUTES, HOURS]) get(port, offset);
  }),
  doing('looks at UIP, and is slow to read the time', 'rtc/UNGUARDED', (port) => {
    // REGISTER_A and the seconds before an update, the rest behind it.
    port.wait(() => false, SECOND - 5 * WITHIN_UPDATE - (port.now() % SECOND));
    for (const { offset } of [REGISTER_A, SECONDS]) get(port, offset);
    port.wait(() => false, 8 * WITHIN_UPDATE);
    for (const { offset } of [MINUTES, HOURS]) get(port, offset);
  }),
  doing('sets the time while it goes on', 'rtc/SET-TIME', (port) => {
    const rtc = new RtcDriver(withoutSet(port));
    rtc.set(rtc.read());
  }),
  doing('stops the clock and forgets it', 'rtc/SET-LEFT', (port) => {
    const control = get(port, REGISTER_B.offset);
    port.out(PORT.RTC + RTCD.offset, control | SET, 1);
  }),
  doing('sets the clock in binary, though it goes by BCD', 'rtc/FORMAT', (port) => {
    new RtcDriver(port).set([45, 45, 13, 1, 13, 11, 26]);
  }),
  doing('sets an alarm in binary, though the clock goes by BCD', 'rtc/FORMAT', (port) => {
    for (const [at, value] of [
      [SECONDS_ALARM, 45],
      [MINUTES_ALARM, 0xff],
      [HOURS_ALARM, 0xff],
    ] as const)
      put(port, at.offset, value);
    put(port, REGISTER_B.offset, get(port, REGISTER_B.offset) | AIE);
    put(port, REGISTER_B.offset, get(port, REGISTER_B.offset) & ~AIE);
  }),
  doing('sets REGISTER_B anew, and the hours are those of another format', 'rtc/REFORMAT', (port) => {
    put(port, REGISTER_B.offset, 0);
  }),
  doing('wants periodic interrupts at no rate', 'rtc/RATE', (port) => {
    put(port, REGISTER_A.offset, get(port, REGISTER_A.offset) & ~REGISTER_A.mask.RS);
    get(port, REGISTER_C.offset);
    put(port, REGISTER_B.offset, get(port, REGISTER_B.offset) | PIE);
  }),
  doing('leaves the divider of the clock in reset', 'rtc/SET-LEFT', (port) => {
    put(port, REGISTER_A.offset, get(port, REGISTER_A.offset) | REGISTER_A.mask.DV);
  }),
  doing('wants the clock to interrupt, and never asks it why', 'rtc/FLAGS', (port) => {
    const control = get(port, REGISTER_B.offset);
    port.out(PORT.RTC + RTCD.offset, control | UIE, 1);
    port.wait(() => false, SECOND);
  }),
  doing('turns NMI off with every index', 'rtc/NMI', (port) => {
    get(port, RTCI.mask.NMI_DISABLE | REGISTER_A.offset);
  }),
  doing('reads a count that goes on', 'pit/TORN', (port) => {
    new PitDriver(port, 0).start(1000);
    port.wait(() => false, 1_000_000);
    port.in(PORT.PIT, 1);
    port.in(PORT.PIT, 1);
  }),
  doing('reads the low byte of a count', 'pit/HALF-READ', (port) => {
    new PitDriver(port, 0).start(1000);
    for (let i = 0; i < 2; i++) {
      command(port, 0, LATCH);
      port.in(PORT.PIT, 1);
    }
  }),
  doing('latches counts, and never reads one', 'pit/HALF-READ', (port) => {
    new PitDriver(port, 0).start(1000);
    for (let i = 0; i < 2; i++) command(port, 0, LATCH);
  }),
  doing('ticks as fast as it can', 'pit/COUNT-ONE', (port) => {
    command(port, 2, BOTH_BYTES);
    for (const byte of [1, 0]) port.out(PORT.PIT + 2, byte, 1);
  }),
  doing('writes both bytes of a count where one is due', 'pit/BYTES', (port) => {
    port.out(PORT.PIT + TCW.offset, TCW.encode({ SC: 0, RW: LOW_BYTE, MODE: 2 }), 1);
    for (const byte of [0x9c, 0x2e]) port.out(PORT.PIT, byte, 1);
  }),
  doing('gives a counter of BCD a number in binary', 'pit/BCD', (port) => {
    port.out(PORT.PIT + TCW.offset, TCW.encode({ SC: 0, RW: BOTH_BYTES, MODE: 2, BCD: 1 }), 1);
    for (const byte of [0x9c, 0x2e]) port.out(PORT.PIT, byte, 1);
  }),
  doing('waits for the output of a counter whose gate is off', 'pit/GATE', (port) => {
    port.out(PORT.NMISC, 0, 1);
    command(port, 2, BOTH_BYTES);
    for (const byte of [0x9c, 0x2e]) port.out(PORT.PIT + 2, byte, 1);
    for (let i = 0; i < 2000; i++) port.in(PORT.NMISC, 1);
  }),
  doing('writes the low byte of a count', 'pit/HALF-WRITTEN', (port) => {
    command(port, 2, BOTH_BYTES);
    port.out(PORT.PIT + 2, 0xe8, 1);
    command(port, 2, BOTH_BYTES);
    for (const byte of [0xe8, 0x03]) port.out(PORT.PIT + 2, byte, 1);
  }),
  doing('writes the count before the control word', 'pit/NO-COUNT', (port) => {
    for (const byte of [0x9c, 0x2e]) port.out(PORT.PIT, byte, 1);
    command(port, 0, BOTH_BYTES);
  }),
  doing('selects a mode of another counter than it counts by', 'pit/NO-COUNT', (port) => {
    command(port, 1, BOTH_BYTES);
    for (const byte of [0x9c, 0x2e]) port.out(PORT.PIT, byte, 1);
  }),
  doing('waits for a tick after half a count', 'pit/HALF-WRITTEN', (port) => {
    command(port, 0, BOTH_BYTES);
    port.out(PORT.PIT, 0xe8, 1);
  }),
];
