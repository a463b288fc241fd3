import { REGISTER_B, REGISTER_C, RTCD, RTCI } from '../../chipset/registers/rtc.ts';
import { PORT } from '../../core/places.ts';
import { SECOND } from '../../guest/driver-error.ts';
import { PitDriver, RtcDriver } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { DriverModel } from '../model.ts';
import type { Scenario } from './scenario.ts';

/** A hundred times a second. */
const PERIOD = 11_932;
/** Virtual nanoseconds: enough for a count to change. */
const A_WHILE = 1_000_000;

/** Sets the clock to its own time, and runs a counter. */
export const timing: DriverModel = {
  name: 'reference clock and timer',
  drivers: [],
  run: (port) => {
    const rtc = new RtcDriver(port);
    rtc.set(rtc.read());
    const timer = new PitDriver(port, 0);
    timer.start(PERIOD);
    timer.count();
    port.wait(() => false, A_WHILE);
    timer.count();
  },
};

/** Has the clock interrupt at the end of an update, and asks it why. */
const alarmed: DriverModel = {
  name: 'reference clock that wants to interrupt',
  drivers: [],
  run: (port) => {
    const get = (index: number) => {
      port.out(PORT.RTC + RTCI.offset, index, 1);
      return port.in(PORT.RTC + RTCD.offset, 1);
    };
    const control = get(REGISTER_B.offset);
    port.out(PORT.RTC + RTCD.offset, control | REGISTER_B.mask.UIE, 1);
    port.wait(() => (get(REGISTER_C.offset) & REGISTER_C.mask.IRQF) !== 0, 2 * SECOND);
    get(REGISTER_B.offset);
    port.out(PORT.RTC + RTCD.offset, control, 1);
  },
};

export const TIMER_SCENARIOS: readonly Scenario[] = [
  { name: 'a clock that wants to interrupt', machine: () => gceN1(), model: () => alarmed },
  { name: 'the clock and the timer of every PC', machine: () => gceN1(), model: () => timing },
];
