import { describe, expect, test } from 'vitest';
import { dnsAnswer } from './dns.ts';
import { nameBytes } from './name.ts';

const NAMES = new Map([
  ['metadata.google.internal', 0xa9fe_a9fe],
  ['files.example', 0x0a00_0005],
]);
const [A, PTR, AAAA] = [1, 12, 28];

const query = (name: string, type = A, flags = 0x0100, count = 1) =>
  Uint8Array.of(0x12, 0x34, flags >> 8, flags, 0, count, 0, 0, 0, 0, 0, 0, ...nameBytes(name), 0, type, 0, 1);
const hex = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('hex');
const code = (bytes: Uint8Array) => dnsAnswer(bytes, NAMES)![3]! & 0xf;

describe('a name', () => {
  test('that is known has its address after the question', () => {
    const asked = query('files.example');
    // 8180: a response, recursion desired and available; the name by its offset in the message; an hour.
    const record = 'c00c 0001 0001 00000e10 0004 0a000005'.replaceAll(' ', '');
    expect(hex(dnsAnswer(asked, NAMES))).toBe(`123481800001000100000000${hex(asked.subarray(12))}${record}`);
  });

  test('is the same in capitals', () => {
    expect(code(query('Metadata.Google.INTERNAL'))).toBe(0);
  });

  test('that is not known gives NXDOMAIN', () => {
    expect(code(query('nobody.example'))).toBe(3);
  });

  test('that has no such record has an answer without one', () => {
    const answer = dnsAnswer(query('files.example', AAAA), NAMES)!;
    expect([answer[3]! & 0xf, answer[7]]).toEqual([0, 0]);
  });

  test('is found by a reverse query for its address', () => {
    const answer = dnsAnswer(query('5.0.0.10.in-addr.arpa', PTR), NAMES)!;
    expect(hex(answer)?.endsWith(hex(nameBytes('files.example'))!)).toBe(true);
  });
});

describe('a message', () => {
  test.each([
    ['with two questions', query('a', A, 0x0100, 2), 1],
    ['whose name has no end', Uint8Array.of(...query('').subarray(0, 12), 5, 97), 1],
    ['whose name points to itself', Uint8Array.of(...query('').subarray(0, 12), 0xc0, 12, 0, 1, 0, 1), 1],
    ['of another kind of question', query('a', A, 0x2800), 4],
  ])('%s is refused', (_, bytes, expected) => {
    expect(code(bytes)).toBe(expected);
  });

  test('that is a response, or too short, is not answered', () => {
    expect([query('a', A, 0x8000), new Uint8Array(11)].map((bytes) => dnsAnswer(bytes, NAMES))).toEqual([
      null,
      null,
    ]);
  });
});
