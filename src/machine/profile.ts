import type { RtcManner } from '../chipset/rtc.ts';
import type { Identity } from '../pci/pci-function.ts';
import type { FirmwarePlan } from './firmware.ts';

export type ProfileName = 'gce-n1' | 'qemu-pc';

/** The properties of one kind of machine, beyond its options; each device holds its own. */
export interface Profile {
  readonly name: ProfileName;
  readonly firmware: FirmwarePlan;
  /** The identities of the bridges, where they differ from Compute Engine's. */
  readonly bridges: { readonly [Bridge in 'host' | 'isa' | 'acpi']?: Partial<Identity> };
  /** Ring feature bits that virtio devices offer. */
  readonly ringFeatures: readonly number[];
  /** Least size of the MSI-X BAR and least place of its pending bits; left out: as small as they fit. */
  readonly msix: { readonly size?: number; readonly pba?: number };
  readonly ioapic: { readonly version: 0x11 | 0x20; readonly timerPin: number };
  /** IRQs of COM1 to COM4, unless an option says otherwise. */
  readonly serialIrqs: readonly [number, number, number, number];
  /** The keyboard lock bit of the keyboard controller. */
  readonly keyboardLocked: boolean;
  /** How its real-time clock differs from the chip; left out: it does not. */
  readonly rtc?: RtcManner;
  /** Bits of CONFADD that read as written; left out: those of the standard. */
  readonly confaddReadBack?: number;
}
