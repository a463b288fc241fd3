// Written by `npm run docs` from the files of this folder; a test compares.
import { serialPart } from './serial.ts';
import { adaptersPart } from './scsi.ts';
import { nicsPart } from './net.ts';
import { randomPart } from './rng.ts';
import { balloonsPart } from './balloon.ts';
import { gvnicsPart } from './gvnic.ts';
import { controllersPart } from './nvme.ts';
import { kvmPart } from './kvm.ts';
import { pl011sPart } from './pl011.ts';

/** Every kind of device with a driver here, in the order in which a probe uses them. */
export const PARTS = {
  serial: serialPart,
  adapters: adaptersPart,
  nics: nicsPart,
  random: randomPart,
  balloons: balloonsPart,
  gvnics: gvnicsPart,
  controllers: controllersPart,
  kvm: kvmPart,
  pl011s: pl011sPart,
};
