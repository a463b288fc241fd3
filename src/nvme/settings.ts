import type { Nanos } from '../core/bits.ts';
import type { PacePolicy } from './pace.ts';
import { NVM } from './registers/commands.ts';

/** CAP.TO, in units of 500 ms. */
export const TIMEOUT_UNITS = 15;
/** Abort and Asynchronous Event Request: so many at a time, less one. */
export const LIMITS = { acl: 3, aerl: 3 } as const;

export const RESERVATIONS: readonly number[] = [
  NVM.RESERVATION_REGISTER,
  NVM.RESERVATION_REPORT,
  NVM.RESERVATION_ACQUIRE,
  NVM.RESERVATION_RELEASE,
];

/** What is optional, and was not seen of Compute Engine. */
interface Offers {
  /** Reservations of namespaces. */
  readonly reservations: boolean;
  /** Scatter-gather lists of I/O commands. */
  readonly sgl: boolean;
  /** Weighted round robin, with an urgent class. */
  readonly weighted: boolean;
  /** Compare and Write as one. */
  readonly fused: boolean;
}

/** What a controller is. */
export interface NvmeSettings {
  /** Model number, and serial number too: `nvme_card-pd`. */
  readonly model: string;
  /** Firmware revision. */
  readonly revision: string;
  /** Pairs of I/O queues that it grants. */
  readonly queues: number;
  /** CAP.MQES, and one more: entries of an I/O queue at most. */
  readonly entries: number;
  /** Of its MSI-X table; 0 is no MSI-X. */
  readonly vectors: number;
  /** The highest namespace that there may be. */
  readonly namespacesMost: number;
  /** A command moves 4096 << mdts bytes at most. */
  readonly mdts: number;
  /** It has a volatile write cache, which Flush empties. */
  readonly writeCache: boolean;
  /** CAP.DSTRD: doorbells are 4 << dstrd bytes apart. */
  readonly dstrd: number;
  /** How long it takes from EN to RDY, back, and to shut down. */
  readonly times: { readonly enable: Nanos; readonly disable: Nanos; readonly shutdown: Nanos };
  /** From a doorbell until it looks at the queue. */
  readonly latency: Nanos;
  /** Null carries a command out as it is taken. */
  readonly pace: PacePolicy | null;
  readonly offers: Offers;
}

/** The opcodes of I/O commands that a controller has. */
export function opcodesOf({ offers }: NvmeSettings): number[] {
  return Object.values(NVM).filter((opcode) => offers.reservations || !RESERVATIONS.includes(opcode));
}
