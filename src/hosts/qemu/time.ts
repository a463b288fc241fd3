import type { Nanos } from '../../core/bits.ts';
import type { QtestWire } from './qtest-wire.ts';

/** The time of an access where time does not advance by itself. */
const ACCESS: Nanos = 1000;
/** The longest step of a wait. */
const STEP: Nanos = 50_000;
/** Tests of a wait in a row after which the host's processor is left to QEMU for a moment. */
const EAGER = 64;
const MOMENT = 0.1;

/** The time of a QEMU. */
export interface QemuTime {
  readonly now: Nanos;
  /** An access was made. */
  accessed(): void;
  /** A caller waits: some time passes, and no more than `most`. */
  pass(most: Nanos): void;
}

/** The host's time: if a CPU of QEMU runs, so does time. */
export class HostTime implements QemuTime {
  private readonly zero = performance.now();
  private readonly cell = new Int32Array(new SharedArrayBuffer(4));
  private looks = 0;

  get now(): Nanos {
    return Math.floor((performance.now() - this.zero) * 1e6);
  }

  accessed(): void {}

  pass(): void {
    this.looks = (this.looks + 1) % (EAGER + 1);
    if (this.looks === EAGER) Atomics.wait(this.cell, 0, 0, MOMENT);
  }
}

/** QEMU's own time under `-accel qtest`: it stands still until it is advanced. */
export class WireTime implements QemuTime {
  private readonly wire: QtestWire;
  private at: Nanos = 0;
  /** The time of accesses that QEMU does not have yet. */
  private owed: Nanos = 0;

  constructor(wire: QtestWire) {
    this.wire = wire;
  }

  get now(): Nanos {
    return this.at + this.owed;
  }

  accessed(): void {
    this.owed += ACCESS;
    if (this.owed >= STEP) this.step(0);
  }

  pass(most: Nanos): void {
    this.step(Math.min(most, STEP));
  }

  private step(more: Nanos): void {
    this.at = Number(this.wire.ask(`clock_step ${Math.ceil(this.owed + more)}`));
    this.owed = 0;
  }
}
