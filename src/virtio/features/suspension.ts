import type { BitSet } from '../../core/bit-set.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import type { Timer } from '../../core/clock.ts';
import { DEVICE_STATUS, FEATURE } from '../registers.ts';

const { DRIVER_OK, SUSPEND } = DEVICE_STATUS.mask;

/** The device that may be suspended. */
export interface SuspensionHost {
  readonly name: string;
  readonly board: Board;
  readonly accepted: BitSet;
  status: number;
  /** It is suspended now, or works again. */
  suspensionChanged(): void;
}

/**
 * What SUSPEND does to a device (virtio 1.4, Device Suspend): asked by the status, it takes its time, drops DRIVER_OK and
 * is deaf and dumb; asked for DRIVER_OK, it takes its time again, and drops SUSPEND.
 *
 * @example
 * if (suspension.takes(value)) return;      // the write was about that, and nothing else
 * suspension.asleep;                        // no queue, no configuration, no interrupt
 */
export class Suspension {
  asleep = false;
  private readonly host: SuspensionHost;
  private readonly time: Nanos;
  private timer: Timer | null = null;
  /** The configuration changed meanwhile, and nobody was told. */
  private untold = false;

  /** @param time how long it takes, either way. */
  constructor(host: SuspensionHost, time: Nanos) {
    this.host = host;
    this.time = time;
  }

  /** Whether a write of the status is for the suspension alone. Without the feature none is. */
  takes(value: number): boolean {
    const { host, asleep } = this;
    if (!host.accepted.has(FEATURE.SUSPEND)) return false;
    if (asleep) {
      if ((value & DRIVER_OK) !== 0) this.begin();
      return true;
    }
    if ((value & ~host.status & SUSPEND) === 0 || (host.status & DRIVER_OK) === 0) return false;
    host.status |= SUSPEND;
    this.begin();
    return true;
  }

  /** What a status may have: before the device is initialised, SUSPEND is ignored. */
  allowed(value: number): number {
    const { status, accepted } = this.host;
    return accepted.has(FEATURE.SUSPEND) && (status & DRIVER_OK) === 0 ? value & ~SUSPEND : value;
  }

  /** Whether it keeps to itself, for now, that the configuration changed. */
  keeps(): boolean {
    this.untold ||= this.asleep;
    return this.asleep;
  }

  /** Whether it kept that to itself; it does so no more. */
  tells(): boolean {
    const { untold } = this;
    this.untold = false;
    return untold;
  }

  reset(): void {
    this.asleep = this.untold = false;
    this.timer?.disarm();
  }

  close(): void {
    if (this.timer !== null) this.host.board.clock.remove(this.timer);
  }

  private begin(): void {
    if (this.time === 0) {
      this.end();
      return;
    }
    this.timer ??= this.host.board.clock.timer(`${this.host.name} suspension`, () => this.end());
    if (this.timer.due === Number.POSITIVE_INFINITY) this.timer.arm(this.time);
  }

  private end(): void {
    const { host } = this;
    this.asleep = !this.asleep;
    if (this.asleep) host.status &= ~DRIVER_OK;
    else host.status = (host.status | DRIVER_OK) & ~SUSPEND;
    host.suspensionChanged();
  }
}
