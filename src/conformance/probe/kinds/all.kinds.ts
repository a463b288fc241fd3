// Written by `npm run docs` from the files of this folder; a test compares.
import { serialKind } from './serial.ts';
import { adaptersKind } from './scsi.ts';
import { nicsKind } from './net.ts';
import { randomKind } from './rng.ts';
import { balloonsKind } from './balloon.ts';
import { gvnicsKind } from './gvnic.ts';
import { controllersKind } from './nvme.ts';
import { kvmKind } from './kvm.ts';
import { pl011sKind } from './pl011.ts';

/** Every kind of device, in the order of the report. */
export const KINDS = {
  serial: serialKind,
  adapters: adaptersKind,
  nics: nicsKind,
  random: randomKind,
  balloons: balloonsKind,
  gvnics: gvnicsKind,
  controllers: controllersKind,
  kvm: kvmKind,
  pl011s: pl011sKind,
};
