import type { Identity } from '../pci/pci-function.ts';
import type { Manners } from '../virtio/manners.ts';
import type { FirmwarePlan } from './firmware.ts';

/** What one kind of machine shows, beyond what its options say. */
export interface Profile {
  readonly name: 'gce-n1' | 'qemu-pc';
  readonly firmware: FirmwarePlan;
  /** What the bridges say of themselves, where it is not what Compute Engine's say. */
  readonly bridges: { readonly [Bridge in 'host' | 'isa' | 'acpi']?: Partial<Identity> };
  /** PCI class of virtio-scsi, 24 bits. */
  readonly scsiClass: number;
  readonly scsi: {
    readonly ringSize: number;
    readonly seg_max: number;
    readonly max_sectors: number;
    readonly cmd_per_lun: number;
    readonly max_target: number;
    readonly max_lun: number;
  };
  readonly net: { readonly ringSize: number; readonly mergeable: boolean };
  readonly balloon: { readonly ringSize: number };
  readonly rng: { readonly ringSize: number };
  readonly ringFeatures: readonly number[];
  /** Of virtio devices. Default plain. */
  readonly manners?: Manners;
  /** Least size of the MSI-X BAR and least place of its pending bits; left out: as small as they fit. */
  readonly msix: { readonly size?: number; readonly pba?: number };
  readonly ioapic: { readonly version: 0x11 | 0x20; readonly timerPin: number };
  /** IRQs of COM1 to COM4, unless an option says otherwise. */
  readonly serialIrqs: readonly [number, number, number, number];
  /** What the keyboard controller says of the keyboard's lock. */
  readonly keyboardLocked: boolean;
  /** Bits of CONFADD that read as written; left out: those of the standard. */
  readonly confaddReadBack?: number;
}
