import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FADT, fadt, GENERIC_ADDRESS } from './fadt.ts';
import { DESCRIPTION_HEADER } from './header.ts';
import { INTERRUPT_SOURCE_OVERRIDE, LOCAL_APIC_NMI, madt } from './madt.ts';
import { SEEN, sum } from './rig.ts';
import { RSDP, rsdp, rsdt } from './root-tables.ts';
import { FACS, facs, waet } from './small-tables.ts';
import { SRAT_MEMORY, srat } from './srat.ts';

const HEADER = DESCRIPTION_HEADER.size;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const headerOf = (bytes: Uint8Array) => DESCRIPTION_HEADER.decode(bytes);

/** Sizes and revisions as Linux 4.20 printed them on the machine of `SEEN`. */
describe.each([
  ['FACP', 2, 0xf4, () => fadt(SEEN, 0xbfff_fec0, 0xbfff_dbe0)],
  ['APIC', 1, 0x76, () => madt(SEEN, 1)],
  ['SRAT', 1, 0xc8, () => srat(SEEN, 1)],
  ['WAET', 1, 0x28, () => waet()],
  ['RSDT', 1, 0x38, () => rsdt([1, 2, 3, 4, 5])],
] as const)('%s', (signature, revision, size, make) => {
  test('has the printed size and revision', () => {
    const { Length, Revision } = headerOf(make());
    expect([make().length, Length, Revision]).toEqual([size, size, revision]);
  });

  test('names its maker', () => {
    const { Signature, OEMID, OEM_Table_ID, Creator_ID, OEM_Revision, Creator_Revision } = headerOf(make());
    expect([Signature, OEMID, OEM_Table_ID, Creator_ID].map(text)).toEqual([
      signature,
      'Google',
      `GOOG${signature}`,
      'GOOG',
    ]);
    expect([OEM_Revision, Creator_Revision]).toEqual([1, 1]);
  });

  test('sums to zero', () => {
    expect(sum(make())).toBe(0);
  });
});

/**
 * The tests of a boot loader, Project Oak's stage0, hold both tables from a machine with 1 GiB and two processors. An equal
 * checksum does not prove equal bytes, but each of ours was compared with them.
 */
describe('tables that were read byte by byte on Compute Engine', () => {
  test('FADT has the checksum 99', () => {
    expect(headerOf(fadt(SEEN, 0x3fff_d880, 0x3fff_d8c0)).Checksum).toBe(0x99);
  });

  test('MADT has the checksum 22, when its revision is the later 5', () => {
    expect(headerOf(madt(SEEN, 1)).Checksum - (5 - headerOf(madt(SEEN, 1)).Revision)).toBe(0x22);
  });
});

test('FADT names the register blocks twice, alike', () => {
  const table = FADT.decode(fadt(SEEN, 0, 0), HEADER);
  const wide = [table.X_PM1a_EVT_BLK, table.X_PM1a_CNT_BLK, table.X_PM_TMR_BLK, table.X_GPE0_BLK];
  const read = wide.map((bytes) => GENERIC_ADDRESS.decode(bytes));
  expect(read.map(({ Address, Register_Bit_Width }) => [Number(Address), Register_Bit_Width / 8])).toEqual([
    [table.PM1a_EVT_BLK, table.PM1_EVT_LEN],
    [table.PM1a_CNT_BLK, table.PM1_CNT_LEN],
    [table.PM_TMR_BLK, table.PM_TMR_LEN],
    [table.GPE0_BLK, table.GPE0_BLK_LEN],
  ]);
});

/** Type and length of the entries of a MADT or SRAT, walked by their lengths. */
function walk(bytes: Uint8Array, from: number): number[] {
  const types: number[] = [];
  for (let at = from; at < bytes.length; at += bytes[at + 1]!) types.push(bytes[at]!);
  return types;
}

test('MADT has a local APIC for each processor, one IOAPIC, four overrides, one NMI', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), (vcpus) => {
      const table = madt({ ...SEEN, vcpus }, 1);
      expect(walk(table, HEADER + 8)).toEqual([...new Array<number>(vcpus).fill(0), 1, 2, 2, 2, 2, 4]);
      expect(table.length).toBe(102 + 8 * vcpus);
    }),
  );
});

test('MADT overrides 5, 9, 10 and 11, in this order', () => {
  const table = madt(SEEN, 1);
  const first = table.length - LOCAL_APIC_NMI.size - 4 * INTERRUPT_SOURCE_OVERRIDE.size;
  const sources = [0, 1, 2, 3].map((i) =>
    INTERRUPT_SOURCE_OVERRIDE.decode(table, first + i * INTERRUPT_SOURCE_OVERRIDE.size),
  );
  expect(sources.map(({ Source, Global_System_Interrupt }) => [Source, Global_System_Interrupt])).toEqual([
    [5, 5],
    [9, 9],
    [10, 10],
    [11, 11],
  ]);
});

test('WAET says that one read of the PM timer is enough', () => {
  expect(new DataView(waet().buffer).getUint32(HEADER, true)).toBe(0b10);
});

describe('SRAT', () => {
  test('has each processor, and three ranges of memory', () => {
    expect(walk(srat({ ...SEEN, vcpus: 4 }, 1), HEADER + 12)).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });

  test('does not enable the range above 4 GiB where there is no such RAM', () => {
    const table = srat({ ...SEEN, ram: { below4G: 0x800_0000, above4G: 0 } }, 1);
    const last = SRAT_MEMORY.decode(table, table.length - SRAT_MEMORY.size);
    expect([last.Flags, last.Base_Address, last.Range_Length]).toEqual([0, 0n, 0n]);
  });

  test('leaves the VGA window out', () => {
    const table = srat(SEEN, 1);
    const ends = [3, 2, 1].map((back) => SRAT_MEMORY.decode(table, table.length - back * SRAT_MEMORY.size));
    expect(ends.map(({ Base_Address, Range_Length }) => [Base_Address, Base_Address + Range_Length])).toEqual(
      [
        [0n, 0xa_0000n],
        [0x10_0000n, 0xc000_0000n],
        [0x1_0000_0000n, 0x2_2000_0000n],
      ],
    );
  });
});

test('RSDP of revision 0 sums to zero and points to the RSDT', () => {
  const bytes = rsdp(0xbfff_dba0);
  const { Signature, OEMID, Revision, RsdtAddress } = RSDP.decode(bytes);
  expect([text(Signature), text(OEMID), Revision, RsdtAddress]).toEqual([
    'RSD PTR ',
    'Google',
    0,
    0xbfff_dba0,
  ]);
  expect([bytes.length, sum(bytes)]).toEqual([0x14, 0]);
});

test('FACS is 40h bytes and its lock is free', () => {
  const { Length, Global_Lock } = FACS.decode(facs());
  expect([facs().length, Length, Global_Lock]).toEqual([0x40, 0x40, 0]);
});
