// Written by `npm run docs` from the files of this folder; a test compares.
import { MUTANTS as DISKS } from './disks.mutants.ts';
import { MUTANTS as FEATURES } from './features.mutants.ts';
import { MUTANTS as GVNIC } from './gvnic.mutants.ts';
import { MUTANTS as GVNIC_WORDS } from './gvnic-words.mutants.ts';
import { MUTANTS as INTERRUPTS } from './interrupts.mutants.ts';
import { MUTANTS as KVM } from './kvm.mutants.ts';
import { MUTANTS as NVME } from './nvme.mutants.ts';
import { MUTANTS as NVME_BLOCKS } from './nvme-blocks.mutants.ts';
import { MUTANTS as NVME_NAMESPACES } from './nvme-namespaces.mutants.ts';
import { MUTANTS as OTHER_END } from './other-end.mutants.ts';
import { MUTANTS as RESTARTS } from './restarts.mutants.ts';
import { MUTANTS as SERIAL } from './serial.mutants.ts';
import { MUTANTS as TRUTH } from './truth.mutants.ts';
import type { ScenarioMutant } from './rig.ts';

/** Drivers that one scenario finds, and no other. */
export const SCENARIO_MUTANTS: readonly ScenarioMutant[] = [
  ...DISKS,
  ...FEATURES,
  ...GVNIC,
  ...GVNIC_WORDS,
  ...INTERRUPTS,
  ...KVM,
  ...NVME,
  ...NVME_BLOCKS,
  ...NVME_NAMESPACES,
  ...OTHER_END,
  ...RESTARTS,
  ...SERIAL,
  ...TRUTH,
];
