import { BACK_PRESSURE } from './back-pressure.ts';
import { BREAKDOWN } from './breakdown.ts';
import { BRING_UP } from './bring-up.ts';
import { CONFIGURATION } from './configuration.ts';
import { DISK_ANSWERS, DISKS } from './disks.ts';
import { FEATURES } from './features.ts';
import { FULL_RINGS } from './full-rings.ts';
import { GVNIC } from './gvnic.ts';
import { GVNIC_WORDS } from './gvnic-words.ts';
import { HEADERS } from './headers.ts';
import { INTERRUPTS } from './interrupts.ts';
import { KVM } from './kvm.ts';
import { LENGTHS } from './lengths.ts';
import { NVME } from './nvme.ts';
import { NVME_BLOCKS } from './nvme-blocks.ts';
import { NVME_NAMESPACES } from './nvme-namespaces.ts';
import { OFFERS } from './offers.ts';
import { OTHER_END } from './other-end.ts';
import { POWER_CUT } from './power-cut.ts';
import { RESTARTS } from './restarts.ts';
import type { SuiteScenario } from './scenario.ts';
import { SERIAL } from './serial.ts';
import { SLEEP } from './sleep.ts';
import { TIMING } from './timing.ts';
import { TRUTH } from './truth.ts';

/** What every driver is put through, in this order. */
export const SUITE: readonly SuiteScenario[] = [
  ...BRING_UP,
  ...BACK_PRESSURE,
  ...INTERRUPTS,
  ...OTHER_END,
  ...SERIAL,
  ...DISKS,
  ...CONFIGURATION,
  ...BREAKDOWN,
  ...OFFERS,
  ...FEATURES,
  ...TRUTH,
  ...DISK_ANSWERS,
  ...HEADERS,
  ...LENGTHS,
  ...RESTARTS,
  ...SLEEP,
  ...FULL_RINGS,
  ...TIMING,
  ...POWER_CUT,
  ...GVNIC,
  ...GVNIC_WORDS,
  ...NVME,
  ...NVME_NAMESPACES,
  ...NVME_BLOCKS,
  ...KVM,
];
