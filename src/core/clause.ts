import { virtio } from './clauses/virtio.ts';
import { modern } from './clauses/virtio-modern.ts';
import { packed } from './clauses/virtio-packed.ts';
import type { Clause } from './rule.ts';

/** Clauses of devices that still judge by themselves. */
export const CLAUSES = {
  ...virtio,
  ...modern,
  ...packed,
} as const satisfies Record<string, Clause>;

/** A closed union: a misspelt clause does not compile. */
export type ClauseId = keyof typeof CLAUSES;
