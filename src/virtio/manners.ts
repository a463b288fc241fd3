import type { Nanos } from '../core/bits.ts';
import type { Endian } from '../core/struct.ts';
import type { CompletionPolicy } from './completion/policy.ts';
import type { Strictness } from './faults/strictness.ts';

/** The interfaces of a function. */
export type Shows = 'legacy' | 'transitional' | 'modern';

/** Options for a virtio device of any type where the standard leaves a choice: one object, the same for all. */
export interface Manners {
  /** The interfaces of its function. */
  readonly shows: Shows;
  /** Timing of completions; null is at once, in the order of the work. */
  readonly completion: CompletionPolicy | null;
  /** Its reaction to a driver that breaks a rule; the findings are the same. */
  readonly strictness: Strictness;
  /** The guest's byte order, which a legacy device uses. */
  readonly endian: Endian;
  /** Whether it offers, by the seed, features that no driver may accept. */
  readonly reservedFeatures: boolean;
  /** Whether it shows, by the seed, capabilities that a driver must skip. */
  readonly decoys: boolean;
  /** Whether its rings say, in the field that does not count, that kicks are not needed. */
  readonly kickDecoys: boolean;
  /** Whether a queue's kicks go elsewhere than to four times its index in the notify structure. */
  readonly notifyElsewhere: boolean;
  readonly suspend: SuspendManners;
  /** Whether the capability list loops back to its beginning. */
  readonly capabilityLoop: boolean;
  readonly msix: MsixManners;
  /** Revision ID of a function with the modern structures only. */
  readonly revision: number;
  /** Meaningless bytes after the device configuration. */
  readonly configTail: number;
}

/** Its suspension. */
export interface SuspendManners {
  /** Time of a transition in either direction, in virtual nanoseconds. */
  readonly time: Nanos;
  /** The transition that fails: it then needs a reset. */
  readonly fails: 'sleep' | 'work' | null;
}

/** Its MSI-X. */
interface MsixManners {
  /** Maximum entries of the table; 0 is no capability. */
  readonly vectors: number;
  /** Entries of the table, whether needed or not; null is as many as the device wants. */
  readonly table: number | null;
  /** Maximum number of queues and configuration changes with a vector; beyond it NO_VECTOR is returned. */
  readonly mappings: number;
}

/** The defaults. */
export const PLAIN: Manners = {
  shows: 'legacy',
  completion: null,
  strictness: 'lenient',
  endian: 'le',
  reservedFeatures: false,
  decoys: false,
  kickDecoys: false,
  notifyElsewhere: false,
  capabilityLoop: false,
  msix: { vectors: Number.POSITIVE_INFINITY, table: null, mappings: Number.POSITIVE_INFINITY },
  revision: 1,
  configTail: 0,
  suspend: { time: 0, fails: null },
};
