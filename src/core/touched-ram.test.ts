import { describe, expect, test } from 'vitest';
import { freshBytes } from './fresh-bytes.ts';
import { GuestMemory } from './memory.ts';
import type { MemoryTap } from './memory-tap.ts';
import { TouchedRam } from './touched-ram.ts';

const PAGE = 4096;
const BYTES = 16 * PAGE;
const STAGING = PAGE;

const NOBODY: MemoryTap = {
  loaded: () => {},
  stored: () => {},
  read: () => {},
  writing: () => {},
  filling: () => {},
  wrote: () => {},
  missed: () => {},
  allocated: () => {},
  released: () => {},
  narrowed: () => {},
  look: () => {},
  goesOn: () => {},
};

function touchedRam() {
  const memory = GuestMemory.of(BYTES, undefined, 8 * PAGE, STAGING);
  const touched = new TouchedRam(memory);
  return { memory, touched, tap: touched.before(NOBODY) };
}

describe('RAM that was touched', () => {
  test.each([
    ['a device wrote across pages', 'dirty', [PAGE - 1, PAGE + 1]],
    ['a driver stored', 'stored', [7 * PAGE + 4092, 4, 1, 0]],
    ['a driver is about to copy', 'writing', [2 * PAGE, new Uint8Array(3 * PAGE)]],
    ['a driver was given some', 'allocated', [5 * PAGE, 1]],
    ['a driver fills above 4 GiB', 'filling', [0x1_0000_0000 + 3 * PAGE, 1, PAGE + 1]],
  ] as const)('is zeroed where %s', (_what, told, args) => {
    const { memory, touched, tap } = touchedRam();
    const tell = told === 'dirty' ? memory.dirty! : tap[told].bind(tap);
    const [from, to] = [args[0], args[0] + (told === 'writing' ? 3 * PAGE : 1)];
    for (let at = from; at < to; at += PAGE) memory.slice(at, 1)![0] = 0xff;

    (tell as (...told: readonly unknown[]) => void)(...args);
    touched.clear();

    expect(memory.ranges.every(({ bytes }) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  test('is left alone where nothing was written', () => {
    const { memory, touched } = touchedRam();
    memory.slice(5 * PAGE, 1)![0] = 0xff;

    memory.dirty!(4 * PAGE, 5 * PAGE, true);
    touched.clear();

    expect(memory.slice(5 * PAGE, 1)![0]).toBe(0xff);
  });

  test('is known completely, unless writes bypass the tap, the tap is replaced or RAM moves', () => {
    const open = touchedRam();
    const past = touchedRam();
    const placed = touchedRam();
    const moved = touchedRam();

    past.tap.narrowed('changes');
    placed.memory.dirty = () => {};
    moved.memory.unmap(0);

    expect([open, past, placed, moved].map(({ touched }) => touched.knowsAll)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('RAM that is given back', () => {
  test('is reused for the next request of its length, with its staging zeroed', () => {
    const { memory } = touchedRam();
    const { bytes, store, at } = memory.staging(8);
    bytes.fill(0xff);

    memory.giveBack();
    const again = freshBytes(BYTES + STAGING);

    expect(again.buffer).toBe(store.bytes.buffer);
    expect(again[at]).toBe(0);
  });

  test('is handed out once only', () => {
    const { memory } = touchedRam();

    memory.giveBack();
    memory.giveBack();

    expect(memory.find(0, 1)).toBeNull();
    expect(freshBytes(BYTES + STAGING).buffer).not.toBe(freshBytes(BYTES + STAGING).buffer);
  });

  test('stays with its owner if it was lent', () => {
    const lent = new ArrayBuffer(BYTES);
    const memory = GuestMemory.of(BYTES, lent);

    memory.giveBack();

    expect(freshBytes(BYTES).buffer).not.toBe(lent);
  });
});
