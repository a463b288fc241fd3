import { countsKibibytes, writesOneByte, writesTarget } from './balloon.ts';
import type { BrokenDriver } from './broken-driver.ts';
import { BROKEN_PROBES } from './gce.ts';
import { forgetsBusMaster, leavesAllOnes, missesFunctions, sizesWithFlags } from './pci.ts';
import { floodsTransmitter, forgetsEoi, leavesDivisorZero, stopsReading } from './serial.ts';
import {
  assumesAnyLayout,
  dropsStatusBits,
  kicksEarly,
  kicksWide,
  skipsAcknowledge,
  takesEverything,
  takesUnoffered,
  truncatesAddresses,
} from './virtio.ts';

export type { BrokenDriver };

/** One mistake each, and the clause it breaks: they test the rules, as a good driver cannot. */
export const BROKEN_DRIVERS: readonly BrokenDriver[] = [
  sizesWithFlags,
  missesFunctions,
  leavesAllOnes,
  forgetsBusMaster,
  skipsAcknowledge,
  dropsStatusBits,
  takesUnoffered,
  takesEverything,
  kicksEarly,
  kicksWide,
  assumesAnyLayout,
  truncatesAddresses,
  countsKibibytes,
  writesOneByte,
  writesTarget,
  floodsTransmitter,
  leavesDivisorZero,
  stopsReading,
  forgetsEoi,
  ...BROKEN_PROBES,
];
