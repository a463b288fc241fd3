import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { Toeplitz } from './checksum.ts';

/** From "Verifying the RSS Hash Calculation", Microsoft. */
const KEY = hex(`6d5a56da255b0ec2 4167253d43a38fb0 d0ca2bcbae7b30b4 77cb2da38030f20c 6a42b73bbeac01fa`);

const hash = (input: Uint8Array, key = KEY) => new Toeplitz(key).add(0, input, 0, input.length, 0) >>> 0;
const four = (address: string) => address.split('.').map(Number);
const ports = (...numbers: number[]) => numbers.flatMap((port) => [port >> 8, port & 0xff]);

/** Addresses and ports, source first, and the hashes without the ports and with them, as published. */
const IPV4 = [
  ['66.9.149.187', 2794, '161.142.100.80', 1766, 0x323e8fc2, 0x51ccc178],
  ['199.92.111.2', 14230, '65.69.140.83', 4739, 0xd718262a, 0xc626b0ea],
  ['24.19.198.95', 12898, '12.22.207.184', 38024, 0xd2d0a5de, 0x5c2b394a],
  ['38.27.205.30', 48228, '209.142.163.6', 2217, 0x82989176, 0xafc7327f],
  ['153.39.163.191', 44251, '202.188.127.2', 1303, 0x5d1809c5, 0x10e828a2],
] as const;
const IPV6 = [
  [
    '3ffe2501 02001fff 00000000 00000007',
    2794,
    '3ffe2501 02000003 00000000 00000001',
    1766,
    0x2cc18cd5,
    0x40207d3d,
  ],
  [
    '3ffe0501 00080000 026097ff fe40efab',
    14230,
    'ff020000 00000000 00000000 00000001',
    4739,
    0x0f0c461c,
    0xdde51bbf,
  ],
  [
    '3ffe1900 45450003 0200f8ff fe2167cf',
    44251,
    'fe800000 00000000 0200f8ff fe2167cf',
    38024,
    0x4b61e985,
    0x02d1feef,
  ],
] as const;

/** Bit by bit, as in the definition. */
function byTheBook(input: Uint8Array, key: Uint8Array): number {
  const bits = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const wide = bits(key).padEnd(400, '0');
  return [...bits(input)].reduce(
    (sum, bit, i) => (bit === '1' ? (sum ^ Number.parseInt(wide.slice(i, i + 32), 2)) >>> 0 : sum),
    0,
  );
}

describe('the Toeplitz hash', () => {
  test.each(IPV4)(
    'of %s:%i to %s:%i is the one published',
    (from, source, to, destination, alone, withPorts) => {
      const addresses = [...four(from), ...four(to)];
      const all = [...addresses, ...ports(source, destination)];
      expect([hash(Uint8Array.from(addresses)), hash(Uint8Array.from(all))]).toEqual([alone, withPorts]);
    },
  );

  test.each(IPV6)(
    'of %s :%i to %s :%i is the one published',
    (from, source, to, destination, alone, withPorts) => {
      const addresses = [...hex(from), ...hex(to)];
      const all = [...addresses, ...ports(source, destination)];
      expect([hash(Uint8Array.from(addresses)), hash(Uint8Array.from(all))]).toEqual([alone, withPorts]);
    },
  );

  test('of any input and key matches the definition, also with a short key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 36 }), fc.uint8Array({ maxLength: 40 }), (input, key) => {
        expect(hash(input, key)).toBe(byTheBook(input, key));
      }),
    );
  });

  test('continues from an earlier hash', () => {
    const input = Uint8Array.from({ length: 36 }, (_, i) => i * 29);
    const toeplitz = new Toeplitz(KEY);
    const first = toeplitz.add(0, input, 0, 16, 0);
    expect(toeplitz.add(first, input, 16, 20, 16) >>> 0).toBe(hash(input));
  });
});
