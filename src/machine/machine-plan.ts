import type { Nanos } from '../core/bits.ts';
import type { Clock } from '../core/clock.ts';
import type { KvmPlan } from '../kvm/kvm.ts';
import type { UartManners } from '../serial/baud.ts';
import type { Pl011Manners } from '../serial/pl011/pl011.ts';
import type { Manners } from '../virtio/manners.ts';
import type { FirmwareChoice, FwCfgFiles } from './firmware-option.ts';
import type { Profile } from './profile.ts';

/** RAM, in bytes. */
export interface RamPlan {
  readonly below4G: number;
  readonly above4G: number;
  /** Whether drivers get RAM above 4 GiB. */
  readonly driversAbove4G: boolean;
  /** The lent buffer, if any. */
  readonly buffer: ArrayBufferLike | { readonly buffer: ArrayBufferLike } | undefined;
  readonly staging: number | undefined;
  /** Whether the next machine gets it once this one is closed. */
  readonly again: boolean;
}

/** Settings that all virtio devices of a machine share. */
export interface VirtioPlan {
  readonly manners: Manners;
  /** Ring feature bits to offer. */
  readonly ringFeatures: readonly number[];
}

/** A machine without its devices: profile and options, resolved once. */
export interface MachinePlan {
  readonly profile: Profile;
  /** The vCPUs of the options. */
  readonly asked: object;
  readonly seed: number;
  readonly vcpus: number;
  /** How many vCPUs the firmware makes room for. */
  readonly maxCpus: number;
  /** What CPUID answers in leaf 1. */
  readonly cpuid: { readonly eax: number; readonly edx: number };
  readonly kvm: KvmPlan;
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
  readonly serial: UartManners &
    Pl011Manners & {
      readonly irqs: readonly [number, number, number, number];
      /** How many bytes of the guest's output each port keeps. */
      readonly keep: number;
    };
  readonly virtio: VirtioPlan;
  /** Whether the guest is watched. */
  readonly judge: boolean;
  /** And the stores of its drivers, too. */
  readonly stores: boolean;
  /** Whether findings keep the stack of the access. */
  readonly stack: boolean;
  /** The files of the firmware configuration device beyond those that it always has; null is no device. */
  readonly fwCfg: FwCfgFiles | null;
  /** The real-time clock's date at power-on. */
  readonly date: string;
}
