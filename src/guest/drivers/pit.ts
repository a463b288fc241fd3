import { TCW } from '../../chipset/registers/pit.ts';
import { checkWhole } from '../../core/checks.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';

const RATE_GENERATOR = 2;
const LOW_THEN_HIGH = 3;

/**
 * A counter of the 8254, which counts at 1,193,182 Hz.
 *
 * @example
 * const timer = new PitDriver(port, 0);
 * timer.start(11_932);
 * timer.count();
 *
 * @throws MisuseError for an invalid counter or period.
 */
export class PitDriver {
  private readonly port: GuestPort;
  private readonly counter: number;

  constructor(port: GuestPort, counter: number) {
    checkWhole('counter', counter, 0, 2);
    this.port = port;
    this.counter = counter;
  }

  /** Counts down from `period`, 2 to 65536, repeatedly. */
  start(period: number): void {
    checkWhole('period', period, 2, 0x1_0000);
    this.command(TCW.encode({ SC: this.counter, RW: LOW_THEN_HIGH, MODE: RATE_GENERATOR }));
    this.put(period & 0xff);
    this.put((period >> 8) & 0xff);
  }

  /** The current count. Its two bytes are consistent: they are latched. */
  count(): number {
    this.command(TCW.encode({ SC: this.counter }));
    const low = this.get();
    return low | (this.get() << 8);
  }

  private command(value: number): void {
    this.port.out(PORT.PIT + TCW.offset, value, 1);
  }

  private get(): number {
    return this.port.in(PORT.PIT + this.counter, 1);
  }

  private put(byte: number): void {
    this.port.out(PORT.PIT + this.counter, byte, 1);
  }
}
