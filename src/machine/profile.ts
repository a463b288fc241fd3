import type { RtcManner } from '../chipset/rtc.ts';
import type { Gpa } from '../core/bits.ts';
import type { Identity } from '../pci/pci-function.ts';
import type { FirmwarePlan } from './firmware.ts';

/** Whose devices a machine has: what each device shows there is a table in its file. */
export type Maker = 'gce' | 'qemu';
/** Every kind of machine. */
export type ProfileName = 'gce-n1' | 'gce-n2' | 'gce-e2' | 'gce-c3' | 'gce-c4' | 'gce-t2a' | 'qemu-pc';

/** Where a machine with PCI Express has what a PC has elsewhere, or behind ports. */
export interface ExpressPlan {
  /** Where RAM begins. */
  readonly ram: Gpa;
  /** Configuration space, a megabyte for each of so many buses. */
  readonly ecam: Gpa;
  readonly buses: number;
  /** The 64 KiB of memory whose accesses are those to ports. */
  readonly ports: Gpa;
}

/** The properties of one kind of machine, beyond its options; each device holds its own. */
export interface Profile {
  readonly name: ProfileName;
  readonly maker: Maker;
  /** What the firmware does, and which it is unless an option says otherwise. */
  readonly firmware: FirmwarePlan;
  /** PCI Express, on a machine that has none of a PC's chips; null is a PC. */
  readonly express: ExpressPlan | null;
  /** EAX and EDX of CPUID leaf 1; of a machine without CPUID 0. */
  readonly cpuid: { readonly eax: number; readonly edx: number };
  /** The rate of the TSC, and whether the hypervisor is a KVM with features. */
  readonly kvm: { readonly tscKHz: number; readonly offers: boolean };
  /** The interface of its disks. */
  readonly disks: 'scsi' | 'nvme';
  /** Its network cards; the formats are those of a gVNIC's rings. */
  readonly nic: { readonly type: 'virtio' | 'gvnic'; readonly formats: readonly ('GQI_QPL' | 'DQO_RDA')[] };
  /** The slot of a switch of PCI Express, behind whose ports NVMe controllers are; null is none. */
  readonly switchSlot: number | null;
  /** Whether it has a virtio-rng. */
  readonly rng: boolean;
  /** The first slot that is for devices; one of SCSI disks has the slot before, if there is such an adapter. */
  readonly firstSlot: number;
  /** The identities of the bridges, where they differ from Compute Engine's. */
  readonly bridges: { readonly [Bridge in 'host' | 'isa' | 'acpi']?: Partial<Identity> };
  /** Ring feature bits that virtio devices offer. */
  readonly ringFeatures: readonly number[];
  /** Least size of the MSI-X BAR and least place of its pending bits; left out: as small as they fit. */
  readonly msix: { readonly size?: number; readonly pba?: number };
  readonly ioapic: { readonly version: 0x11 | 0x20; readonly timerPin: number };
  /** IRQs of COM1 to COM4, unless an option says otherwise; of an Arm's UARTs their INTIDs. */
  readonly serialIrqs: readonly [number, number, number, number];
  /** The keyboard lock bit of the keyboard controller. */
  readonly keyboardLocked: boolean;
  /** How its real-time clock differs from the chip; left out: it does not. */
  readonly rtc?: RtcManner;
  /** Bits of CONFADD that read as written; left out: those of the standard. */
  readonly confaddReadBack?: number;
}
