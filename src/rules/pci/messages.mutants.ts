import { MSI_ADDRESS, MSI_DATA } from '../../chipset/registers/local-apic.ts';
import { behind } from '../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking, brokenMsixNet } from '../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../conformance/reference.ts';
import type { Gpa, Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { barAddress, findCapability, MsixDriver, readRegister, virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import {
  CAPABILITY_ID,
  MESSAGE_ADDRESS,
  MESSAGE_DATA,
  MESSAGE_UPPER_ADDRESS,
  MSIX_ENTRY_SIZE,
  MSIX_PBA,
  MSIX_TABLE,
  VECTOR_CONTROL,
} from '../../pci/registers.ts';
import type { ClauseId } from '../index.ts';

/** The good network driver, with frames that come back: for each a message is sent, of which some never arrive. */
const brokenMsixSend = breaking(
  virtioNet({ interrupts: 'msix' }),
  (nic) => {
    nic.post(FRAME);
  },
  () => gceN1({ nics: [{ backend: 'loopback' }] }),
);

/** The driver's MSI-X entries, with one mistake in each: `wrong` changes the value written to a field. */
function entries(
  name: string,
  clause: ClauseId,
  wrong: (value: number, field: number) => number,
): BrokenDriver {
  return brokenMsixSend(name, clause, (port, bdf) =>
    behindTable(port, bdf, (at, value, width, field) => port.write(at, wrong(value, field), width)),
  );
}

const { offset: ADDRESS } = MESSAGE_ADDRESS;
const { offset: UPPER } = MESSAGE_UPPER_ADDRESS;
const { offset: DATA } = MESSAGE_DATA;
const inField = (which: number, wrong: (value: number) => number) => (value: number, field: number) =>
  field === which ? wrong(value) : value;

/** Mistakes in the contents of an entry. */
export const MUTANTS: readonly BrokenDriver[] = [
  // Writes the parts of an entry that changed, byte by byte.
  brokenMsixNet('writes a byte of the MSI-X table', 'pci/MSIX-ACCESS', (port, bdf) =>
    behindTable(port, bdf, (at, value, width, field) => {
      if (field === MESSAGE_DATA.offset) port.write(at, value & 0xff, 1);
      port.write(at, value, width);
    }),
  ),
  // Unmasks an entry, and sets its message afterwards.
  brokenMsixNet('writes an MSI-X entry that is live', 'pci/MSIX-MASKED', (port, bdf) =>
    behindTable(port, bdf, (at, value, width, field) => {
      port.write(at, value, width);
      const data = at - VECTOR_CONTROL.offset + MESSAGE_DATA.offset;
      if (field === VECTOR_CONTROL.offset && (value & VECTOR_CONTROL.mask.MASK) === 0)
        port.write(data, port.read(data, 4), 4);
    }),
  ),
  // Clears the interrupts that were pending before.
  brokenMsixNet('writes the pending bits of MSI-X', 'pci/MSIX-PBA', (port, bdf) =>
    behindTable(port, bdf, (at, value, width) => {
      port.write(at, value, width);
      port.write(msixAddress(port, bdf, MSIX_PBA), 0, 4);
    }),
  ),
  entries(
    'sends messages to 0',
    'msix/ADDRESS',
    inField(ADDRESS, () => 0),
  ),
  entries(
    'sends messages to the I/O APIC',
    'msix/ADDRESS',
    inField(ADDRESS, () => 0xfec0_0000),
  ),
  entries(
    'sends messages above 4 GiB',
    'msix/ADDRESS',
    inField(UPPER, () => 1),
  ),
  entries(
    'shifts the address of messages',
    'msix/ADDRESS',
    inField(ADDRESS, (value) => value >>> 4),
  ),
  brokenMsixSend('exchanges address and data of messages', 'msix/SWAPPED', (port, bdf) =>
    behindTable(port, bdf, (at, value, width, field) => {
      const other = field === ADDRESS ? DATA : field === DATA ? ADDRESS : field;
      port.write(at - field + other, value, width);
    }),
  ),
  entries(
    'sends vector 0',
    'msix/VECTOR',
    inField(DATA, () => 0),
  ),
  entries(
    'sends the number of a line as a vector',
    'msix/VECTOR',
    inField(DATA, () => 11),
  ),
  entries(
    'sends messages as ExtINT',
    'msix/DELIVERY',
    inField(DATA, (value) => value | 0x700),
  ),
  entries(
    'sends messages in a mode that means nothing',
    'msix/DELIVERY',
    inField(DATA, (value) => value | 0x300),
  ),
  entries(
    'sends messages as NMI',
    'msix/DELIVERY',
    inField(DATA, (value) => value | 0x400),
  ),
  entries(
    'sends messages to a processor that is not there',
    'msix/DESTINATION',
    inField(ADDRESS, (value) => value | 0x7000),
  ),
  entries(
    'sends to a logical ID, and leaves LDR alone',
    'msix/DESTINATION',
    inField(ADDRESS, (value) => value | MSI_ADDRESS.encode({ DEST: 1, DM: 1 })),
  ),
  entries(
    'sends levels, which no message ends',
    'msix/TRIGGER',
    inField(DATA, (value) => value | MSI_DATA.encode({ TRIGGER: 1, ASSERT: 1 })),
  ),
  entries(
    'puts flags of its own above the vector',
    'msix/RESERVED',
    inField(DATA, (value) => value | 0x8000_0000),
  ),
  entries(
    'puts the number of the processor into bits 11:4',
    'msix/RESERVED',
    inField(ADDRESS, (value) => value | 0x10),
  ),
  brokenMsixNet('masks one entry of the MSI-X table more than there are', 'msix/BEYOND', (port, bdf) => {
    const { vectors } = MsixDriver.of(port, bdf)!;
    const table = msixAddress(port, bdf, MSIX_TABLE);
    port.write(table + vectors * MSIX_ENTRY_SIZE + VECTOR_CONTROL.offset, VECTOR_CONTROL.mask.MASK, 4);
    return port;
  }),
];

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
