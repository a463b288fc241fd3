import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import bitwise from 'bitwise';
import { describe, expect, test } from 'vitest';
import type { Register } from '../src/core/register.ts';
import { ARM } from './golden/arm.ts';
import { BUSES } from './golden/buses.ts';
import { CHIPSET } from './golden/chipset.ts';
import { GVNIC } from './golden/gvnic.ts';
import { KVM } from './golden/kvm.ts';
import { NVME } from './golden/nvme.ts';
import { type GoldenRow, parseTable } from './golden/table.ts';
import { VIRTIO } from './golden/virtio.ts';

const SRC = join(import.meta.dirname, '../src');
const GOLDEN: Readonly<Record<string, string>> = {
  ...ARM,
  ...CHIPSET,
  ...BUSES,
  ...GVNIC,
  ...KVM,
  ...NVME,
  ...VIRTIO,
};

const isRegister = (value: unknown): value is Register =>
  typeof value === 'object' && value !== null && 'fields' in value && 'mask' in value;

/** Every register that a file exports, by itself or in a list, once. */
async function declared(path: string): Promise<Register[]> {
  const exported: Readonly<Record<string, unknown>> = await import(join(SRC, path));
  return [...new Set(Object.values(exported).flat().filter(isRegister))];
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /(^|\/)registers(\/[\w-]+)?\.ts$/.test(path))
  .sort();
const declarations = await Promise.all(
  files.map(async (path) => ({ path, registers: await declared(path) })),
);
const filesWithRegisters = declarations.filter(({ registers }) => registers.length > 0);
const pairs = filesWithRegisters.flatMap(({ path, registers }) => {
  const rows = parseTable(GOLDEN[path] ?? '');
  return registers.map((register) => {
    const row = rows.find(({ name, offset }) => name === register.name && offset === register.offset);
    return { title: `${path}: ${register.name}`, register, row: row! };
  });
});

/** The bits of a number of `width` bytes, highest first, as the package `bitwise` reads them. */
function bitsOf(value: number, width: number): (0 | 1)[] {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return bitwise.buffer.read(buffer, 32 - width * 8);
}

/** A number from bits, highest first. */
function numberOf(bits: (0 | 1)[]): number {
  return bitwise.buffer.create(bits).readUIntBE(0, bits.length / 8);
}

/** The mask of the bits `high` to `low`, set one by one. */
function maskOf(width: number, [high, low]: readonly [number, number]): number {
  return numberOf(
    bitsOf(0, width).map((_, i) => (width * 8 - 1 - i >= low && width * 8 - 1 - i <= high ? 1 : 0)),
  );
}

function masksOf(row: GoldenRow): Record<string, number> {
  return Object.fromEntries(
    Object.entries(row.fields).map(([name, bits]) => [name, maskOf(row.width, bits)]),
  );
}

/** Field values, each from its own bits. */
function decode(row: GoldenRow, value: number): Record<string, number> {
  const all = bitsOf(value, row.width);
  const field = ([high, low]: readonly [number, number]) => {
    const own = all.slice(all.length - 1 - high, all.length - low);
    return numberOf([...Array<0>(32 - own.length).fill(0), ...own]);
  };
  return Object.fromEntries(Object.entries(row.fields).map(([name, bits]) => [name, field(bits)]));
}

/** The result of writing `value` over `old`, bit by bit by the three kinds of bits. */
function written(row: GoldenRow, old: number, value: number): number {
  const { and, not, or } = bitwise.bits;
  const [before, next, stored, cleared] = [old, value, row.writable, row.w1c].map((n) =>
    bitsOf(n, row.width),
  );
  const kept = and(and(before!, not(stored!)), not(and(next!, cleared!)));
  return numberOf(or(kept, and(next!, stored!)));
}

describe('the sheets and the declarations', () => {
  test('know the same files', () => {
    expect(filesWithRegisters.map(({ path }) => path)).toEqual(Object.keys(GOLDEN).sort());
  });

  test.each(filesWithRegisters)('know the same registers in $path', ({ path, registers }) => {
    const place = ({ name, offset }: { name: string; offset: number }) => `${offset.toString(16)} ${name}`;
    expect(registers.map(place).sort()).toEqual(
      parseTable(GOLDEN[path] ?? '')
        .map(place)
        .sort(),
    );
  });

  test.each(pairs)('agree on $title', ({ register, row }) => {
    const { name, offset, width, reset, writable, w1c, rc, mask } = register;
    const { fields: _, ...numbers } = row;
    expect({ name, offset, width, reset, writable, w1c, rc }).toEqual(numbers);
    expect(mask).toEqual(masksOf(row));
  });
});

/** All bits, none, and both ways of every other. */
const PATTERNS = [0xffff_ffff, 0, 0xaaaa_aaaa, 0x5555_5555];

describe('an independent hand', () => {
  test.each(pairs)('decodes, encodes and writes $title alike', ({ register, row }) => {
    for (const pattern of PATTERNS) {
      const value = pattern % 2 ** (row.width * 8);
      expect(register.decode(value)).toEqual(decode(row, value));
      const all = Object.values(masksOf(row)).reduce((sum, mask) => sum + mask, 0);
      const only = numberOf(bitwise.bits.and(bitsOf(value, row.width), bitsOf(all, row.width)));
      expect(register.encode(decode(row, value))).toBe(only);
      for (const old of PATTERNS) {
        const before = old % 2 ** (row.width * 8);
        expect(register.write(before, value)).toBe(written(row, before, value));
      }
    }
  });
});
