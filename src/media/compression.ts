import { COMPRESSED, isKind } from './magics.ts';

/** A compression that Linux uses; those without a reader are only named. */
export type Format = (typeof COMPRESSED)[number]['format'];

/** The compression of `bytes`, or null if unknown. */
export function formatOf(bytes: Uint8Array): Format | null {
  return COMPRESSED.find((magic) => isKind(magic, bytes))?.format ?? null;
}
