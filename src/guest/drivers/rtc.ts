import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  HOURS,
  MINUTES,
  MONTH,
  REGISTER_A,
  REGISTER_B,
  RTCD,
  RTCI,
  SECONDS,
  YEAR,
} from '../../chipset/registers/rtc.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';
import type { Register } from '../../core/register.ts';
import { DriverError, SECOND } from '../driver-error.ts';

const { UIP } = REGISTER_A.mask;
const { SET } = REGISTER_B.mask;
const TIME = [SECONDS, MINUTES, HOURS, DAY_OF_WEEK, DAY_OF_MONTH, MONTH, YEAR];

/**
 * The real-time clock. Its bytes are in the format of REGISTER_B: BCD, as set by firmware.
 *
 * @example
 * const rtc = new RtcDriver(port);
 * const [seconds, minutes] = rtc.read();
 * rtc.set(rtc.read());
 */
export class RtcDriver {
  private readonly port: GuestPort;

  constructor(port: GuestPort) {
    this.port = port;
  }

  /**
   * Seconds, minutes, hours, day of the week, day, month, year: when UIP is clear, no update begins for 244 µs.
   *
   * @throws DriverError if UIP stays set.
   */
  read(): number[] {
    if (!this.port.wait(() => (this.get(REGISTER_A) & UIP) === 0, SECOND))
      throw new DriverError(this.port, 'rtc', 'UIP does not go away');
    return TIME.map((register) => this.get(register));
  }

  /** Sets the time, in the format of `read`. */
  set(time: readonly number[]): void {
    const control = this.get(REGISTER_B);
    this.put(REGISTER_B, control | SET);
    for (const [i, register] of TIME.entries()) this.put(register, time[i]!);
    this.put(REGISTER_B, control & ~SET);
  }

  private get(register: Register): number {
    this.port.out(PORT.RTC + RTCI.offset, register.offset, 1);
    return this.port.in(PORT.RTC + RTCD.offset, 1);
  }

  private put(register: Register, value: number): void {
    this.port.out(PORT.RTC + RTCI.offset, register.offset, 1);
    this.port.out(PORT.RTC + RTCD.offset, value, 1);
  }
}
