import { CHIPSET_CASES } from './chipset.ts';
import { DEVICE_CASES } from './devices.ts';
import { FEATURE_CASES } from './features.ts';
import { GVNIC_CASES } from './gvnic.ts';
import { INIT_CASES } from './init.ts';
import { INTERRUPT_CASES } from './interrupts.ts';
import { KICK_CASES } from './kicks.ts';
import { MEMORY_CASES } from './memory.ts';
import { NET_CASES } from './net.ts';
import { OTHER_CASES } from './others.ts';
import { PACKED_CASES } from './packed.ts';
import { PLACE_CASES } from './places.ts';
import type { Case } from './play.ts';
import { RING_CASES } from './rings.ts';
import { SCSI_CASES } from './scsi.ts';
import { WAIT_CASES } from './waits.ts';

export const CASES: readonly Case[] = [
  ...CHIPSET_CASES,
  ...DEVICE_CASES,
  ...FEATURE_CASES,
  ...GVNIC_CASES,
  ...INIT_CASES,
  ...INTERRUPT_CASES,
  ...KICK_CASES,
  ...MEMORY_CASES,
  ...NET_CASES,
  ...OTHER_CASES,
  ...PACKED_CASES,
  ...PLACE_CASES,
  ...RING_CASES,
  ...SCSI_CASES,
  ...WAIT_CASES,
];
