import type { Nanos } from '../core/bits.ts';
import type { Endian } from '../core/struct.ts';
import type { CompletionPolicy } from './completion/policy.ts';
import type { Strictness } from './faults/strictness.ts';

/** Which interfaces a function shows. */
export type Shows = 'legacy' | 'transitional' | 'modern';

/** How a virtio device of any type behaves where the standard leaves it to the device: one object, the same for all. */
export interface Manners {
  /** The interfaces that its function shows. */
  readonly shows: Shows;
  /** How completions reach the driver; null is at once, in the order of the work. */
  readonly completion: CompletionPolicy | null;
  /** What it does about a driver that breaks a rule; what is found is the same. */
  readonly strictness: Strictness;
  /** The guest's byte order, in which a legacy device speaks. */
  readonly endian: Endian;
  /** Whether it offers, by the seed, features that no driver may take. */
  readonly reservedFeatures: boolean;
  /** Whether it shows, by the seed, capabilities that a driver must pass over. */
  readonly decoys: boolean;
  /** Whether its rings say, where a driver must not look, that kicks are not needed. */
  readonly kickDecoys: boolean;
  readonly suspend: SuspendManners;
  /** Whether the list of capabilities leads back to its beginning. */
  readonly capabilityLoop: boolean;
  readonly msix: MsixManners;
  /** Revision ID of a function that shows the modern structures alone. */
  readonly revision: number;
  /** Bytes that mean nothing, behind the device configuration. */
  readonly configTail: number;
}

/** How it is suspended. */
export interface SuspendManners {
  /** How long it takes, and to work again, in virtual nanoseconds. */
  readonly time: Nanos;
  /** What it does not get to: it then needs a reset. */
  readonly fails: 'sleep' | 'work' | null;
}

/** What there is of MSI-X. */
interface MsixManners {
  /** Entries of the table at most; 0 is no capability. */
  readonly vectors: number;
  /** Entries of the table, needed or not; null is as many as the device wants. */
  readonly table: number | null;
  /** Queues and changes of the configuration that get a vector; those beyond are answered NO_VECTOR. */
  readonly mappings: number;
}

/** Those of a device that nobody told any. */
export const PLAIN: Manners = {
  shows: 'legacy',
  completion: null,
  strictness: 'lenient',
  endian: 'le',
  reservedFeatures: false,
  decoys: false,
  kickDecoys: false,
  capabilityLoop: false,
  msix: { vectors: Number.POSITIVE_INFINITY, table: null, mappings: Number.POSITIVE_INFINITY },
  revision: 1,
  configTail: 0,
  suspend: { time: 0, fails: null },
};
