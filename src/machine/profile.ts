import type { RtcManner } from '../chipset/rtc.ts';
import type { Identity } from '../pci/pci-function.ts';
import type { FirmwarePlan } from './firmware.ts';

export type ProfileName = 'gce-n1' | 'qemu-pc';

/** What one kind of machine shows, beyond what its options say; what its devices show stands with each of them. */
export interface Profile {
  readonly name: ProfileName;
  readonly firmware: FirmwarePlan;
  /** What the bridges say of themselves, where it is not what Compute Engine's say. */
  readonly bridges: { readonly [Bridge in 'host' | 'isa' | 'acpi']?: Partial<Identity> };
  /** Ring feature bits that virtio devices offer. */
  readonly ringFeatures: readonly number[];
  /** Least size of the MSI-X BAR and least place of its pending bits; left out: as small as they fit. */
  readonly msix: { readonly size?: number; readonly pba?: number };
  readonly ioapic: { readonly version: 0x11 | 0x20; readonly timerPin: number };
  /** IRQs of COM1 to COM4, unless an option says otherwise. */
  readonly serialIrqs: readonly [number, number, number, number];
  /** What the keyboard controller says of the keyboard's lock. */
  readonly keyboardLocked: boolean;
  /** What its real-time clock does otherwise than the chip; left out: nothing. */
  readonly rtc?: RtcManner;
  /** Bits of CONFADD that read as written; left out: those of the standard. */
  readonly confaddReadBack?: number;
}
