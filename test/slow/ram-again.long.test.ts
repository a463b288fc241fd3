import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/index.ts';
import { VARIANTS } from '../../src/conformance/reference/variants.ts';
import { freshBytes, giveBack } from '../../src/core/fresh-bytes.ts';
import { partOf } from '../repeats.ts';

const RAM = 128 << 20;
const STAGING = 0x10_0000;
const ZEROES = Buffer.alloc(RAM + STAGING);

/** The RAM that the next machine would get: whether it was used before, and whether it is all zeros. */
function next(known: Set<Uint8Array>): { again: boolean; clean: boolean } {
  const bytes = freshBytes(ZEROES.length);
  const again = known.has(bytes);
  known.add(bytes);
  const clean = ZEROES.equals(bytes);
  giveBack(bytes);
  return { again, clean };
}

test('a machine of the suite has reused RAM, all of it zeros, whatever a driver stored there', () => {
  const known = new Set<Uint8Array>();
  next(known);
  const seen: { again: boolean; clean: boolean; scenario: string }[] = [];

  for (const { model, ...options } of partOf(VARIANTS, 4))
    conform(model, { ...options, onRun: ({ scenario }) => seen.push({ ...next(known), scenario }) });

  expect(seen.filter(({ clean }) => !clean)).toEqual([]);
  expect(seen.filter(({ again }) => again).length).toBeGreaterThan(seen.length / 2);
}, 300_000);
