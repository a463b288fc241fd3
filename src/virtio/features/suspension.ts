import type { BitSet } from '../../core/bit-set.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import type { Timer } from '../../core/clock.ts';
import type { SuspendManners } from '../manners.ts';
import { DEVICE_STATUS, FEATURE } from '../registers.ts';

const { DRIVER_OK, SUSPEND, DEVICE_NEEDS_RESET } = DEVICE_STATUS.mask;
/** Initial interval at which a device waits for pending work: doubled each time. */
const FIRST_LOOK: Nanos = 10_000;
/** It gives up before a longer wait: 0.65 s after the request. */
const LONGEST_LOOK: Nanos = 500_000_000;

/** The device that may be suspended. */
export interface SuspensionHost {
  readonly name: string;
  readonly board: Board;
  readonly accepted: BitSet;
  status: number;
  /** It has used every buffer that it took, and has notified the driver. */
  readonly isIdle: boolean;
  readonly configBytes: number;
  readConfig(offset: number): number;
  /** It is suspended now, or has resumed. */
  suspensionChanged(): void;
  /** It failed, and needs a reset. */
  breakDown(): void;
}

/** The transition under way. */
type Aim = 'sleep' | 'work' | null;

/**
 * The effect of SUSPEND on a device (virtio 1.4, Device Suspend). On a request by the status it takes no more buffers,
 * finishes those that it has, clears DRIVER_OK and becomes inactive; on a request for DRIVER_OK, it takes time again,
 * and clears SUSPEND. It reports a failure by DEVICE_NEEDS_RESET.
 *
 * @example
 * if (suspension.takes(value)) return;      // the write concerned suspension only
 * suspension.settling;                      // no further buffer is taken
 * suspension.asleep;                        // no queue, no configuration, no interrupt
 */
export class Suspension {
  asleep = false;
  /** It is being suspended. A field, because a device reads it for each kick and frame. */
  settling = false;
  /** The device configuration at the time of suspension, shown until it resumes. */
  frozen: Uint8Array | null = null;
  private aim: Aim = null;
  private readonly host: SuspensionHost;
  private readonly manners: SuspendManners;
  private timer: Timer | null = null;
  /** The next interval to wait for pending work. */
  private look = FIRST_LOOK;
  /** The configuration changed meanwhile, and the driver was not notified. */
  private untold = false;

  constructor(host: SuspensionHost, manners: SuspendManners) {
    this.host = host;
    this.manners = manners;
  }

  /** Whether a status write concerns suspension only; never without the feature. */
  takes(value: number): boolean {
    const { host, asleep } = this;
    if (!host.accepted.has(FEATURE.SUSPEND)) return false;
    const asked = (value & ~host.status & SUSPEND) !== 0 && (host.status & DRIVER_OK) !== 0;
    if (!asleep && !asked) return false;
    // Only a reset helps in that state.
    if ((host.status & DEVICE_NEEDS_RESET) !== 0) return true;
    if (asked) host.status |= SUSPEND;
    if (asked) this.begin('sleep');
    else if ((value & DRIVER_OK) !== 0) this.begin('work');
    return true;
  }

  /** The status bits allowed: before the device is initialised, SUSPEND is ignored. */
  allowed(value: number): number {
    const { status, accepted } = this.host;
    return accepted.has(FEATURE.SUSPEND) && (status & DRIVER_OK) === 0 ? value & ~SUSPEND : value;
  }

  /** Whether a configuration change must not be reported for now. */
  keeps(): boolean {
    this.untold ||= this.asleep;
    return this.asleep;
  }

  /** Whether such a report is pending; clears it. */
  tells(): boolean {
    const { untold } = this;
    this.untold = false;
    return untold;
  }

  reset(): void {
    this.asleep = this.settling = this.untold = false;
    this.aim = this.frozen = null;
    this.timer?.disarm();
  }

  close(): void {
    if (this.timer !== null) this.host.board.clock.remove(this.timer);
  }

  private begin(aim: Aim): void {
    if (this.aim !== null) return;
    this.aim = aim;
    this.settling = aim === 'sleep';
    this.look = FIRST_LOOK;
    if (this.manners.time === 0) this.end();
    else this.wait(this.manners.time);
  }

  private wait(time: Nanos): void {
    this.timer ??= this.host.board.clock.timer(`${this.host.name} suspension`, () => this.end());
    this.timer.arm(time);
  }

  private end(): void {
    const { host, aim, manners } = this;
    const isStuck = aim === 'sleep' && !host.isIdle;
    if (isStuck && this.look <= LONGEST_LOOK) {
      this.wait(this.look);
      this.look *= 2;
      return;
    }
    this.aim = null;
    this.settling = false;
    if (isStuck || manners.fails === aim) this.fail();
    else this.arrive();
  }

  private arrive(): void {
    const { host } = this;
    this.asleep = !this.asleep;
    this.frozen = this.asleep ? this.config : null;
    if (this.asleep) host.status &= ~DRIVER_OK;
    else host.status = (host.status | DRIVER_OK) & ~SUSPEND;
    host.suspensionChanged();
  }

  private get config(): Uint8Array {
    return Uint8Array.from({ length: this.host.configBytes }, (_, i) => this.host.readConfig(i));
  }

  /** Fails: it stays in its state. */
  private fail(): void {
    const { host } = this;
    if (!this.asleep) host.status &= ~SUSPEND;
    host.breakDown();
  }
}
