import type { SuiteScenario } from '../scenario.ts';
import { BACK_PRESSURE } from './back-pressure.ts';
import { BRING_UP } from './bring-up.ts';
import { FULL_RINGS } from './full-rings.ts';
import { OFFERS } from './offers.ts';
import { OTHER_END } from './other-end.ts';
import { POWER_CUT } from './power-cut.ts';
import { RESTARTS } from './restarts.ts';
import { SLEEP } from './sleep.ts';
import { TRUTH } from './truth.ts';

/** What every driver is put through, in this order. */
export const SUITE: readonly SuiteScenario[] = [
  ...BRING_UP,
  ...BACK_PRESSURE,
  ...OTHER_END,
  ...OFFERS,
  ...TRUTH,
  ...RESTARTS,
  ...SLEEP,
  ...FULL_RINGS,
  ...POWER_CUT,
];
