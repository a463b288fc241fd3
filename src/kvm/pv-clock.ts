import type { Gpa, Nanos } from '../core/bits.ts';
import type { GuestMemory } from '../core/memory.ts';
import { Area, putWide } from './area.ts';
import { PVCLOCK_FLAGS, pvclock_vcpu_time_info } from './registers.ts';
import type { Scale, Ticks } from './time.ts';

const { version, tsc_timestamp, system_time, tsc_to_system_mul, tsc_shift, flags } =
  pvclock_vcpu_time_info.offset;
const { size } = pvclock_vcpu_time_info;
const { TSC_STABLE, GUEST_STOPPED } = PVCLOCK_FLAGS.mask;

/** What the clocks of all processors have in common. */
export interface ClockHost {
  readonly memory: GuestMemory;
  /** Nanoseconds since the machine began. */
  readonly systemTime: Nanos;
  readonly scale: Scale;
  /** The clocks of all processors agree. */
  readonly isStable: boolean;
  /** It wrote to RAM. */
  changed(at: Gpa, length: number): void;
}

/**
 * A processor's clock in RAM. Its version is odd while the host writes it, and another one afterwards, so that a reader
 * knows whether what it read belongs together.
 */
export class PvClock {
  readonly area: Area;
  private readonly host: ClockHost;
  private readonly ticks: () => Ticks;
  private readonly onFlags: (flags: number) => void;
  /** The host paused the guest, and the clock does not say so yet. */
  private stopped = false;
  /** The version of an update that is under way; 0 is none. */
  private updating = 0;

  /** @param ticks reads the TSC. @param onFlags gets the flags that were written. */
  constructor(host: ClockHost, ticks: () => Ticks, onFlags: (flags: number) => void) {
    this.area = new Area(host.memory, 1, size);
    this.host = host;
    this.ticks = ticks;
    this.onFlags = onFlags;
  }

  /** Begins an update; `slowly`: somebody calls `finish` later. */
  update(slowly: boolean): void {
    this.finish();
    const range = this.area.range;
    if (range === null) return;
    const { view, base } = range;
    const at = this.area.at - base;
    this.updating = ((view.getUint32(at + version, true) + 1) | 1) >>> 0;
    view.setUint32(at + version, this.updating, true);
    const { low, high } = this.ticks();
    view.setUint32(at + tsc_timestamp, low, true);
    view.setUint32(at + tsc_timestamp + 4, high, true);
    if (slowly) {
      this.host.changed(base + at, size);
      return;
    }
    this.finish();
  }

  /** The rest of an update. */
  finish(): void {
    const range = this.area.range;
    if (this.updating === 0 || range === null) return;
    const { view, base } = range;
    const at = this.area.at - base;
    const { scale, isStable, systemTime } = this.host;
    const { low, high } = this.ticks();
    view.setUint32(at + tsc_timestamp, low, true);
    view.setUint32(at + tsc_timestamp + 4, high, true);
    putWide(view, at + system_time, systemTime);
    view.setUint32(at + tsc_to_system_mul, scale.mul, true);
    view.setInt8(at + tsc_shift, scale.shift);
    const kept = view.getUint8(at + flags) & GUEST_STOPPED;
    const now = kept | (this.stopped ? GUEST_STOPPED : 0) | (isStable ? TSC_STABLE : 0);
    view.setUint8(at + flags, now);
    view.setUint32(at + version, (this.updating + 1) >>> 0, true);
    this.stopped = false;
    this.updating = 0;
    this.onFlags(now);
    this.host.changed(base + at, size);
  }

  /** The host paused the guest: the next update says so. */
  pause(): void {
    this.stopped ||= this.area.isOn;
  }

  /** Another place, or none: nothing more is written to the one before. */
  set(low: number, high: number): void {
    this.updating = 0;
    this.area.set(low, high);
    this.update(false);
  }

  reset(): void {
    this.updating = 0;
    this.stopped = false;
    this.area.set(0, 0);
  }
}
