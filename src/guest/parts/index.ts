import { PARTS } from './all.parts.ts';
import type { Part, PciPart } from './part.ts';

export { PARTS };

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
