import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GuestMemory } from './memory.ts';
import { Segments } from './segments.ts';

/** Pieces of RAM of the given lengths, `gap` bytes of ee apart, in a list. */
function pieces(lengths: readonly number[], gap = 1) {
  const ram = new Uint8Array(lengths.reduce((sum, length) => sum + length + gap, gap)).fill(0xee);
  const list = new Segments();
  let at = gap;
  for (const length of lengths) {
    list.add(ram, at, length);
    at += length + gap;
  }
  return { ram, list };
}

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i + 1);

describe('a list of segments', () => {
  test('is filled in order, and its gaps stay as they are', () => {
    const { ram, list } = pieces([2, 1, 3]);
    const done = list.scatter(counting(6));
    expect([done, list.total]).toEqual([6, 6]);
    expect([...ram]).toEqual([0xee, 1, 2, 0xee, 3, 0xee, 4, 5, 6, 0xee]);
  });

  test('takes only as much as fits', () => {
    const { ram, list } = pieces([2, 1]);
    expect(list.scatter(counting(9))).toBe(3);
    expect([...ram]).toEqual([0xee, 1, 2, 0xee, 3, 0xee]);
  });

  test('takes nothing where it ends', () => {
    const { list } = pieces([2, 1]);
    expect([
      list.scatter(counting(1), 3),
      list.scatter(counting(1), 99),
      list.gather(new Uint8Array(1), 3),
    ]).toEqual([0, 0, 0]);
  });

  test('takes only as many bytes as given', () => {
    const { ram, list } = pieces([4]);
    expect(list.scatter(counting(4), 1, 2)).toBe(2);
    expect([...ram]).toEqual([0xee, 0xee, 1, 2, 0xee, 0xee]);
  });

  test('gives back, from anywhere, what was put there', () => {
    const lengths = fc.array(fc.nat(5), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.nat(12), fc.nat(12), (lengths, skip, count) => {
        const { list } = pieces(lengths);
        const bytes = counting(list.total);
        list.scatter(bytes);
        const into = new Uint8Array(12);
        const got = list.gather(into, skip, count);
        expect([...into.subarray(0, got)]).toEqual([...bytes.subarray(skip, skip + count)]);
      }),
    );
  });

  test('has a tail: the bytes after the first few', () => {
    const lengths = fc.array(fc.nat(5), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.nat(30), (lengths, skip) => {
        const { list } = pieces(lengths);
        const bytes = counting(list.total);
        list.scatter(bytes);
        const tail = new Segments();
        tail.setTail(list, skip);
        const into = new Uint8Array(tail.total);
        tail.gather(into);
        expect([...into]).toEqual([...bytes.subarray(skip)]);
      }),
    );
  });

  test('forgets everything when cleared, including what it kept of old lists', () => {
    const { list } = pieces([4, 4]);
    list.clear();
    list.add(new Uint8Array(1), 0, 1);
    expect([list.count, list.total, list.scatter(counting(9))]).toEqual([1, 1, 1]);
  });

  test('notifies a host that caches code which bytes of RAM were written, tails included', () => {
    const memory = GuestMemory.of(0x2000, undefined, 0x1000);
    const told: string[] = [];
    memory.dirty = (from, to) => told.push(`${from.toString(16)}-${to.toString(16)}`);
    const list = new Segments();
    list.memory = memory;
    list.add(memory.ranges[0]!.bytes, 0x10, 4);
    list.add(memory.ranges[1]!.bytes, 0x20, 4);
    list.add(memory.ranges[0]!.bytes, 0x30, 4);
    const tail = new Segments();
    tail.setTail(list, 2);

    list.scatter(counting(5), 2);
    tail.scatter(counting(1));
    list.wrote(11, 1);
    list.gather(new Uint8Array(12));

    expect(told).toEqual(['12-14', '100000020-100000023', '12-13', '33-34']);
  });
});
