import { countsKibibytes, writesOneByte, writesTarget } from './balloon.ts';
import type { BrokenDriver } from './broken-driver.ts';
import { forgetsBusMaster, leavesAllOnes, missesFunctions, sizesWithFlags } from './pci.ts';
import { INDIRECT_BREAKERS } from './rings/indirect.ts';
import { PACKED_BREAKERS } from './rings/packed.ts';
import { SPLIT_BREAKERS } from './rings/split.ts';
import { STORE_BREAKERS } from './rings/stores.ts';
import { floodsTransmitter, forgetsEoi, leavesDivisorZero, stopsReading } from './serial.ts';
import {
  assumesAnyLayout,
  dropsStatusBits,
  kicksEarly,
  kicksWide,
  skipsAcknowledge,
  takesEverything,
  takesUnoffered,
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
  ...SPLIT_BREAKERS,
  ...INDIRECT_BREAKERS,
  ...PACKED_BREAKERS,
  ...STORE_BREAKERS,
  countsKibibytes,
  writesOneByte,
  writesTarget,
  floodsTransmitter,
  leavesDivisorZero,
  stopsReading,
  forgetsEoi,
];
