import { expect, test } from 'vitest';
import { PIR_HEADER, PIR_SLOT, pir } from './pir.ts';

const TABLE = pir();
const slots = Array.from({ length: (TABLE.length - PIR_HEADER.size) / PIR_SLOT.size }, (_, i) =>
  PIR_SLOT.decode(TABLE, PIR_HEADER.size + i * PIR_SLOT.size),
);

test('$PIR has its length and sums to zero', () => {
  const { Signature, Table_Size } = PIR_HEADER.decode(TABLE);

  expect(Buffer.from(Signature).toString('latin1')).toBe('$PIR');
  expect(Table_Size).toBe(TABLE.length);
  expect(TABLE.reduce((total, byte) => total + byte, 0) % 256).toBe(0);
});

test('$PIR names 00:01.0 as the router, where Plan 9 looks for PIRQRC', () => {
  const { Router_Bus, Router_DevFunc } = PIR_HEADER.decode(TABLE);

  expect([Router_Bus, Router_DevFunc]).toEqual([0, 0x08]);
});

// Plan 9 on Compute Engine, 2017: "PCI.0.1.3 at pin 1 link 96".
test('$PIR routes INTA of slot 1 to link 60h, and the next pins to 61h to 63h', () => {
  const own = slots.find(({ Bus, Device }) => Bus === 0 && Device === 1 << 3)!;

  expect([own.INTA_Link, own.INTB_Link, own.INTC_Link, own.INTD_Link]).toEqual([0x60, 0x61, 0x62, 0x63]);
});

// By ACPI Linux found slot 3 on LNKC, 4 on LNKD and 5 on LNKA.
test.each([
  [3, 0x62],
  [4, 0x63],
  [5, 0x60],
])('$PIR routes INTA of slot %i to link %i', (slot, link) => {
  expect(slots.find(({ Device }) => Device === slot << 3)!.INTA_Link).toBe(link);
});
