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

export const TIMER_SCENARIOS: readonly Scenario[] = [
  { name: 'the clock and the timer of every PC', machine: () => gceN1(), model: () => timing },
];
