import { describe, expect, test } from 'vitest';
import type { DriverMemory } from '../src/guest/index.ts';
import { gceN1, type Machine } from '../src/index.ts';

const END = 16 << 20;
const machine = (judge: boolean | { stores: boolean } = true) =>
  gceN1({ memory: { below4G: END }, judge, disks: [] });
const told = ({ findings }: Machine) => findings.map(({ clause, said }) => `${clause} ${said}`);

describe('memory that a driver takes for RAM, and is none,', () => {
  test.each<[string, (memory: DriverMemory) => unknown, string]>([
    ['load', (memory) => memory.load(END, 2), '2 bytes were loaded from 01000000, where no RAM is'],
    ['store', (memory) => memory.store(END, 1, 1), '1 byte was stored to 01000000, where no RAM is'],
    [
      'read',
      (memory) => memory.read(END - 8, new Uint8Array(64)),
      '64 bytes were loaded from 00fffff8, and RAM ends 56 bytes before their end',
    ],
    [
      'write',
      (memory) => memory.write(0xfebf_0000, new Uint8Array(64)),
      '64 bytes were stored to febf0000, where no RAM is',
    ],
    [
      'fill',
      (memory) => memory.fill(2 ** 40, 0xaa, 16),
      '16 bytes were stored to 10000000000, where no RAM is',
    ],
    [
      'a store over its end',
      (memory) => memory.store(END - 3, 1, 4),
      '4 bytes were stored to 00fffffd, and RAM ends 1 byte before their end',
    ],
  ])('is reported: %s', (_what, use, said) => {
    const one = machine();

    use(one.port.memory);

    expect(told(one)).toEqual([`ram/OUTSIDE ${said}`]);
    expect(one.findings[0]!.evidence.facts).toEqual(['RAM: 00000000 to 00ffffff']);
  });

  test('reads as all ones, and stores to it are lost, those to the RAM before it too', () => {
    const { memory } = machine().port;
    const into = new Uint8Array(4);

    memory.store(END - 4, 0x1234_5678, 4);
    memory.write(END - 2, new Uint8Array(4));
    memory.read(END - 2, into);

    expect([memory.load(END, 4), memory.load(END - 4, 4), [...into]]).toEqual([
      0xffff_ffff,
      0x1234_5678,
      [0xff, 0xff, 0xff, 0xff],
    ]);
  });

  test('is not accessed by zero bytes', () => {
    const one = machine();

    one.port.memory.write(END, new Uint8Array(0));
    one.port.memory.fill(END, 0, 0);

    expect(told(one)).toEqual([]);
  });

  test('is reported at most sixteen times, and counted', () => {
    const one = machine();

    Array.from({ length: 100 }, (_, i) => one.port.memory.store(END + i, 0, 1));

    expect([one.findings.length, one.journal.count('ram/OUTSIDE')]).toEqual([16, 100]);
  });

  test('is not reported without a watch of stores', () => {
    const one = machine({ stores: false });

    one.port.memory.store(END, 0, 1);

    expect(told(one)).toEqual([]);
  });
});

test('a driver that keeps to RAM has met the rule', () => {
  const one = machine();

  one.port.memory.load(0, 4);

  expect(one.journal.reached('ram/OUTSIDE')).toBe(true);
});

describe.each([3, 8, 0, 5.5])('a width of %d', (width) => {
  const any = width as 4;

  test.each<[string, (machine: Machine) => unknown]>([
    ['in', ({ port }) => port.in(0x3fd, any)],
    ['out', ({ port }) => port.out(0x3ff, 0, any)],
    ['read', ({ port }) => port.read(0x1000, any)],
    ['write', ({ port }) => port.write(0x1000, 0, any)],
    ['load', ({ port }) => port.memory.load(0x1000, any)],
    ['store', ({ port }) => port.memory.store(0x1000, 0, any)],
  ])('is misuse of %s, before anything happens', (_what, use) => {
    const one = machine();
    const before = one.port.now();

    expect(() => use(one)).toThrow(`width must be 1, 2 or 4 bytes; got ${width}`);
    expect([one.port.now(), told(one)]).toEqual([before, []]);
  });
});

test('a store outside RAM is itself what a finding shows, and nothing that the firmware did', () => {
  const machine = gceN1();
  machine.port.memory.store(0x9000_0000, 1, 4);

  const [finding] = machine.findings;
  expect(finding!.evidence.accesses).toEqual([
    expect.objectContaining({ space: 'ram', write: true, address: 0x9000_0000, text: 'outside RAM' }),
  ]);
});
