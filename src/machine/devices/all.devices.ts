// Written by `npm run docs` from the files of this folder; a test compares.
import { SCSI } from './scsi.ts';
import { NET } from './net.ts';
import { DISPLAY } from './display.ts';
import { BALLOON } from './balloon.ts';
import { RNG } from './rng.ts';
import { STRANGERS } from './strangers.ts';
import { NVME } from './nvme.ts';

/** Every kind of device, in the order in which they are plugged in. */
export const DEVICES = [
  SCSI,
  NET,
  DISPLAY,
  BALLOON,
  RNG,
  STRANGERS,
  NVME,
] as const;

/** By name, and not `(typeof DEVICES)[number]`: that would lose each option's docstring in the package's types. */
export type Listed =
  | typeof SCSI
  | typeof NET
  | typeof DISPLAY
  | typeof BALLOON
  | typeof RNG
  | typeof STRANGERS
  | typeof NVME;
