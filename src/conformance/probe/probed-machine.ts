import type { Nanos } from '../../core/bits.ts';
import type { PciId } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Medium } from '../../media/medium.ts';

/** The other end of a NIC. */
export interface Wire {
  readonly fn: { readonly bdf: number };
  readonly sent: readonly Uint8Array[];
  readonly sentTotal: number;
  receive(...frames: readonly Uint8Array[]): void;
}

/** What a probe knows of a machine beyond its guest's view: ours has all of it, others may, too. */
export interface ProbedMachine {
  readonly profile: { readonly name: string };
  readonly port: GuestPort;
  readonly ramBytes: number;
  /** Null if there is no seed, and time is the host's. */
  readonly seed: number | null;
  readonly now: Nanos;
  readonly functions: readonly { readonly bdf: number }[];
  idOf(bdf: number): PciId | null;
  readonly serial: readonly { readonly port: number; readonly irq: number; readonly text: string }[];
  readonly scsiQueues: number;
  readonly disks: readonly { readonly target: number; readonly lun: number; readonly medium: Medium }[];
  readonly nics: readonly Wire[];
  readonly balloon: Machine['balloon'];
}
