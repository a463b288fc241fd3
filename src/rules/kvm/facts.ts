import type { Nanos } from '../../core/bits.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { RingArea } from '../virtio/stores/ring-areas.ts';

/** What the watches know of KVM on a machine. */
export interface KvmFacts {
  readonly memory: GuestMemory;
  /** EAX of the second leaf, and the number of the first. */
  readonly features: number;
  readonly leaf: number;
  /** How long an access takes. */
  readonly accessTime: Nanos;
}

/** A structure of the host, or what is left of its cache lines. */
export interface SharedArea extends RingArea {
  readonly vcpu: number;
  readonly index: number;
  readonly isRest: boolean;
}
