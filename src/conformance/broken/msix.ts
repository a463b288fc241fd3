import type { Gpa, Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { barAddress, findCapability, readRegister } from '../../guest/index.ts';
import {
  CAPABILITY_ID,
  MESSAGE_DATA,
  MSIX_ENTRY_SIZE,
  MSIX_PBA,
  MSIX_TABLE,
  VECTOR_CONTROL,
} from '../../pci/registers.ts';
import { behind } from './behind.ts';
import { type BrokenDriver, brokenMsixNet } from './broken-driver.ts';

/** Writes the parts of an entry that changed, byte by byte. */
export const writesBytes: BrokenDriver = brokenMsixNet(
  'writes a byte of the MSI-X table',
  'pci/MSIX-ACCESS',
  (port, bdf) =>
    behindTable(port, bdf, (at, value, width, field) => {
      if (field === MESSAGE_DATA.offset) port.write(at, value & 0xff, 1);
      port.write(at, value, width);
    }),
);

/** Opens an entry, and then says where its message goes. */
export const writesLiveEntries: BrokenDriver = brokenMsixNet(
  'writes an MSI-X entry that is live',
  'pci/MSIX-MASKED',
  (port, bdf) =>
    behindTable(port, bdf, (at, value, width, field) => {
      port.write(at, value, width);
      const data = at - VECTOR_CONTROL.offset + MESSAGE_DATA.offset;
      if (field === VECTOR_CONTROL.offset && (value & VECTOR_CONTROL.mask.MASK) === 0)
        port.write(data, port.read(data, 4), 4);
    }),
);

/** Clears what pended before it came. */
export const clearsPending: BrokenDriver = brokenMsixNet(
  'writes the pending bits of MSI-X',
  'pci/MSIX-PBA',
  (port, bdf) =>
    behindTable(port, bdf, (at, value, width) => {
      port.write(at, value, width);
      port.write(msixAddress(port, bdf, MSIX_PBA), 0, 4);
    }),
);

/** Every write of the MSI-X table is made by `write`; `field` is the offset within the entry. */
function behindTable(
  port: GuestPort,
  bdf: number,
  write: (at: Gpa, value: number, width: Width, field: number) => void,
): GuestPort {
  const table = msixAddress(port, bdf, MSIX_TABLE);
  const end = msixAddress(port, bdf, MSIX_PBA);
  return behind(port, {
    write: (at, value, width) => {
      if (at >= table && at < end) write(at, value, width, (at - table) % MSIX_ENTRY_SIZE);
      else port.write(at, value, width);
    },
  });
}

/** Where the table or the pending bits are, which lie behind it. */
function msixAddress(port: GuestPort, bdf: number, register: typeof MSIX_TABLE): Gpa {
  const at = readRegister(port, bdf, register, findCapability(port, bdf, CAPABILITY_ID.MSIX)!);
  const { address } = barAddress(port, bdf, at & register.mask.BIR)!;
  return address + (at & register.mask.OFFSET);
}
