import { COMPRESSED, isKind } from './magics.ts';

/** A way to compress that Linux knows; those without a reader are only named. */
export type Format = (typeof COMPRESSED)[number]['format'];

/** How `bytes` are compressed, or null where they begin like nothing known. */
export function formatOf(bytes: Uint8Array): Format | null {
  return COMPRESSED.find((magic) => isKind(magic, bytes))?.format ?? null;
}
