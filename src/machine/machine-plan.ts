import type { Nanos } from '../core/bits.ts';
import type { Clock } from '../core/clock.ts';
import type { Pace } from '../serial/baud.ts';
import type { Manners } from '../virtio/manners.ts';
import type { FirmwareChoice } from './firmware-option.ts';
import type { FwCfgFiles } from './fw-cfg-option.ts';
import type { Profile } from './profile.ts';

/** RAM, in bytes. */
export interface RamPlan {
  readonly below4G: number;
  readonly above4G: number;
  /** Whether drivers get RAM above 4 GiB. */
  readonly driversAbove4G: boolean;
  /** What was lent, if anything. */
  readonly buffer: ArrayBufferLike | { readonly buffer: ArrayBufferLike } | undefined;
  readonly staging: number | undefined;
  /** Whether it is the next machine's once this one is closed. */
  readonly again: boolean;
}

/** What is the same for every virtio device of a machine. */
export interface VirtioPlan {
  readonly manners: Manners;
  /** Ring feature bits to offer. */
  readonly ringFeatures: readonly number[];
}

/** What a machine is, without its devices: profile and options, resolved once. */
export interface MachinePlan {
  readonly profile: Profile;
  /** What was asked for. */
  readonly asked: object;
  readonly seed: number;
  readonly vcpus: number;
  /** How many the firmware makes room for. */
  readonly maxCpus: number;
  /** What CPUID answers in leaf 1. */
  readonly cpuid: { readonly eax: number; readonly edx: number };
  /** The firmware's date, if it is not that of the logs. */
  readonly released: string | undefined;
  /** Null is none. */
  readonly firmware: FirmwareChoice | null;
  readonly clock: Clock;
  /** Virtual time that each access costs. */
  readonly accessTime: Nanos;
  /** Accesses without progress that the guest may make. */
  readonly patience: number;
  readonly ram: RamPlan;
  readonly serial: {
    readonly pace: Pace | undefined;
    readonly irqs: readonly [number, number, number, number];
    /** Bytes that each port keeps of what the guest sends. */
    readonly keep: number;
  };
  readonly virtio: VirtioPlan;
  /** Whether the guest is watched. */
  readonly judge: boolean;
  /** And what its drivers do in memory, too. */
  readonly stores: boolean;
  /** Whether findings keep who made the access. */
  readonly stack: boolean;
  /** The files of the firmware configuration device beside those that it always has; null is no device. */
  readonly fwCfg: FwCfgFiles | null;
  /** What the real-time clock says when power comes on. */
  readonly date: string;
}
