import { type Register, register } from '../../core/register.ts';

/** Memory-mapped: selects the indexed register of IOWIN. */
export const IOREGSEL = register('IOREGSEL', 0x00, 4, { INDEX: { at: [7, 0] } });
/** Memory-mapped: the selected register. */
export const IOWIN = register('IOWIN', 0x10, 4, { DATA: { at: [31, 0] } });
/** Memory-mapped, from version 20h on: ends a level interrupt by its vector. */
export const IOEOI = register('IOEOI', 0x40, 4, { VECTOR: { at: [7, 0], access: 'wo' } });

/** The offsets from here on are indexes. */
export const IOAPICID = register('IOAPICID', 0x00, 4, { ID: { at: [27, 24] } });
export const IOAPICVER = register(
  'IOAPICVER',
  0x01,
  4,
  { VERSION: { at: [7, 0] }, MRE: { at: [23, 16], doc: 'index of the last redirection entry' } },
  { access: 'ro' },
);
/** Loaded with each write of IOAPICID. */
export const IOAPICARB = register('IOAPICARB', 0x02, 4, { ID: { at: [27, 24], access: 'ro' } });

/** Low half of a redirection entry: index 10h + 2n. */
export const IOREDTBL_LOW = register(
  'IOREDTBL_LOW',
  0x10,
  4,
  {
    VECTOR: { at: [7, 0] },
    DELMOD: { at: [10, 8], doc: '0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT' },
    DESTMOD: { at: 11, doc: 'destination is logical' },
    DELIVS: { at: 12, access: 'ro', doc: 'a message waits to be sent: never here' },
    INTPOL: { at: 13, doc: 'active low; kept without effect, as assertion is counted from the device' },
    RIRR: {
      at: 14,
      access: 'ro',
      doc: 'remote IRR: a level interrupt was accepted and has not seen its EOI',
    },
    TRIGGER: { at: 15, doc: 'level' },
    MASK: { at: 16 },
  },
  { reset: 0x0001_0000 },
);

/** High half of a redirection entry: index 11h + 2n. */
export const IOREDTBL_HIGH = register('IOREDTBL_HIGH', 0x11, 4, { DEST: { at: [31, 24] } });

/** The register at `index`, or null. `entries` is the number of redirection entries. */
export function indexedRegister(index: number, entries: number): Register | null {
  if (index === IOAPICID.offset) return IOAPICID;
  if (index === IOAPICVER.offset) return IOAPICVER;
  if (index === IOAPICARB.offset) return IOAPICARB;
  if (index < IOREDTBL_LOW.offset || index >= IOREDTBL_LOW.offset + 2 * entries) return null;
  return index & 1 ? IOREDTBL_HIGH : IOREDTBL_LOW;
}
