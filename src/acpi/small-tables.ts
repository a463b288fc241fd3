import { struct } from '../core/struct.ts';
import { bytesOf, table } from './header.ts';

/** Data shared by firmware and operating system at run time; no header, no checksum. Source: ACPI 6.5, 5.2.10. */
export const FACS = struct('FACS', 'le', {
  Signature: { bytes: 4 },
  Length: 'u32',
  Hardware_Signature: 'u32',
  Firmware_Waking_Vector: 'u32',
  Global_Lock: 'u32',
  Flags: 'u32',
  X_Firmware_Waking_Vector: 'u64',
  Version: 'u8',
  Reserved: { bytes: 31 },
});

export const FACS_ALIGNMENT = 64;

/** Bit 1 of WAET: one read of the PM timer is enough. */
const PM_TIMER_GOOD = 1 << 1;

export function facs(): Uint8Array {
  return FACS.encode({ Signature: bytesOf('FACS'), Length: FACS.size });
}

/** The Windows ACPI Emulated devices Table, by Microsoft's paper of that name: one word of flags. */
export function waet(): Uint8Array {
  return table('WAET', 1, [PM_TIMER_GOOD, 0, 0, 0]);
}
