import { BROKEN_ANNOUNCE } from './announce.ts';
import { BROKEN_APICS } from './apic.ts';
import { countsKibibytes, keepsSilent, writesOneByte, writesTarget } from './balloon.ts';
import { BROKEN_BALLOON } from './balloon-pages.ts';
import type { BrokenDriver } from './broken-driver.ts';
import { BROKEN_CAPABILITIES } from './capabilities.ts';
import { BROKEN_DISCOVERY } from './discovery.ts';
import { BROKEN_FEATURES } from './features.ts';
import { BROKEN_PROBES } from './gce.ts';
import { BROKEN_INIT } from './init.ts';
import { BROKEN_KICKS } from './kicks.ts';
import { BROKEN_LAYOUT } from './layout.ts';
import { BROKEN_COUNTERS } from './lengths.ts';
import { BROKEN_LIVE } from './live.ts';
import { BROKEN_MODERN_INIT } from './modern-init.ts';
import { BROKEN_MESSAGES, clearsPending, writesBytes, writesLiveEntries } from './msix.ts';
import { BROKEN_NET } from './net.ts';
import { BROKEN_OUTCOME } from './outcome.ts';
import {
  addressesBytes,
  BROKEN_CONFIG,
  decodesWhileSizing,
  forgetsBusMaster,
  forgetsDecoding,
  leavesAllOnes,
  looksEverywhere,
  missesFunctions,
  piles,
  placesInRam,
  placesOverSerial,
  sizesWithFlags,
  walksForEver,
} from './pci.ts';
import { BROKEN_INTERRUPTS, forgetsEoi, leavesMode, leavesPair } from './pic.ts';
import { BROKEN_QUEUES } from './queue-setup.ts';
import { storesToRegister } from './ram.ts';
import { ASTRAY_BREAKERS } from './rings/astray.ts';
import { IN_FLIGHT_BREAKERS } from './rings/in-flight.ts';
import { INDIRECT_BREAKERS } from './rings/indirect.ts';
import { LENT_BREAKERS } from './rings/lent.ts';
import { LIST_BREAKERS } from './rings/long-lists.ts';
import { PACKED_BREAKERS } from './rings/packed.ts';
import { SPLIT_BREAKERS } from './rings/split.ts';
import { STORE_BREAKERS } from './rings/stores.ts';
import { lendsEntropy } from './rng.ts';
import { BROKEN_SCSI } from './scsi.ts';
import { BROKEN_UART, floodsTransmitter, leavesDivisorZero, stopsReading } from './serial.ts';
import { BROKEN_STOCK } from './stock.ts';
import { SUSPEND_BREAKERS } from './suspend.ts';
import { BROKEN_TIMERS } from './timers.ts';
import { BROKEN_VECTORS } from './vectors.ts';
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
  addressesBytes,
  looksEverywhere,
  decodesWhileSizing,
  leavesAllOnes,
  forgetsBusMaster,
  writesBytes,
  writesLiveEntries,
  clearsPending,
  ...BROKEN_MESSAGES,
  piles,
  placesInRam,
  placesOverSerial,
  walksForEver,
  forgetsDecoding,
  leavesMode,
  ...BROKEN_CONFIG,
  ...BROKEN_INTERRUPTS,
  storesToRegister,
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
  ...LENT_BREAKERS,
  ...IN_FLIGHT_BREAKERS,
  ...ASTRAY_BREAKERS,
  ...SUSPEND_BREAKERS,
  ...LIST_BREAKERS,
  countsKibibytes,
  keepsSilent,
  writesOneByte,
  writesTarget,
  floodsTransmitter,
  leavesDivisorZero,
  stopsReading,
  ...BROKEN_UART,
  ...BROKEN_TIMERS,
  ...BROKEN_APICS,
  forgetsEoi,
  leavesPair,
  ...BROKEN_PROBES,
  ...BROKEN_SCSI,
  ...BROKEN_BALLOON,
  lendsEntropy,
  ...BROKEN_NET,
  ...BROKEN_INIT,
  ...BROKEN_MODERN_INIT,
  ...BROKEN_FEATURES,
  ...BROKEN_DISCOVERY,
  ...BROKEN_CAPABILITIES,
  ...BROKEN_VECTORS,
  ...BROKEN_KICKS,
  ...BROKEN_OUTCOME,
  ...BROKEN_LIVE,
  ...BROKEN_ANNOUNCE,
  ...BROKEN_STOCK,
  ...BROKEN_COUNTERS,
  ...BROKEN_QUEUES,
  ...BROKEN_LAYOUT,
];
