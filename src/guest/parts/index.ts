import { balloonPart } from './balloon.ts';
import { netPart } from './net.ts';
import type { Part, PciPart } from './part.ts';
import { rngPart } from './rng.ts';
import { scsiPart } from './scsi.ts';
import { serialPart } from './serial.ts';

/** Every kind of device with a driver here, in the order in which a probe uses them. */
export const PARTS = {
  serial: serialPart,
  adapters: scsiPart,
  nics: netPart,
  random: rngPart,
  balloons: balloonPart,
};

/** A kind of device, by its name in `PARTS`. */
export type Kind = keyof typeof PARTS;
/** How a device of a kind is used. */
export type HandleOf<K extends Kind> = (typeof PARTS)[K] extends Part<infer Handle, unknown> ? Handle : never;
/** The facts learned about a device of a kind. */
export type FactsOf<K extends Kind> = ReturnType<(typeof PARTS)[K]['probe']>;

/** Those of them that are PCI functions. */
export const PCI_PARTS: readonly PciPart<unknown, unknown>[] = Object.values(PARTS).filter(
  (part) => 'driver' in part,
);
