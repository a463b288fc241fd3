import { Line } from '../core/line.ts';
import { Rig } from '../core/rig.ts';
import { Rtc, type RtcManner } from './rtc.ts';

/** For tests: an RTC at its ports. */
export class RtcRig extends Rig {
  readonly irq8 = new Line('irq8');
  /** Times at which IRQ 8 went high. */
  readonly rises: number[] = [];
  readonly rtc: Rtc;

  /** @param time `yy-mm-dd w hh:mm:ss`, `w` the day of the week from Sunday, 1. @param manner default the chip's. */
  constructor(time = '18-11-22 5 05:50:31', manner?: RtcManner) {
    super();
    const [year, month, day, weekday, hours, minutes, seconds] = time.split(/[- :]/).map(Number);
    const contents = {
      time: {
        year: year!,
        month: month!,
        day: day!,
        weekday: weekday!,
        hours: hours!,
        minutes: minutes!,
        seconds: seconds!,
      },
      nvram: new Map([[0x32, 0x20]]),
    };
    this.rtc = new Rtc('rtc', this.board, this.irq8.source('rtc'), contents, manner);
    this.ports.map(0x70, this.rtc, 'bridge');
    this.irq8.onChange = (level) => level && this.rises.push(this.clock.now);
  }

  get(index: number): number {
    this.ports.write(0x70, index, 1);
    return this.ports.read(0x71, 1);
  }

  set(index: number, value: number): void {
    this.ports.write(0x70, index, 1);
    this.ports.write(0x71, value, 1);
  }

  /** The bytes of the time: `yy-mm-dd w hh:mm:ss` in hexadecimal. */
  get time(): string {
    const [ss, mm, hh, w, dd, mo, yy] = [0, 2, 4, 6, 7, 8, 9].map((index) =>
      this.get(index).toString(16).padStart(2, '0'),
    );
    return `${yy}-${mo}-${dd} ${Number(w)} ${hh}:${mm}:${ss}`;
  }
}
