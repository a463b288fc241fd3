import { describe, expect, test } from 'vitest';
import { referenceModel } from '../reference.ts';
import { SUITE } from '../scenarios/index.ts';
import { conform } from './conform.ts';
import { checkedOptions } from './options.ts';
import { programFor } from './program.ts';

const { use: _, ...model } = referenceModel();
const program = (shard?: string) =>
  programFor(model, checkedOptions({ seeds: [1, 2], hostile: true, ...(shard !== undefined && { shard }) }));
const named = (turns: readonly { scenario: string; seed?: number }[]) =>
  turns.map(({ scenario, seed }) => `${scenario}, ${seed}`);

describe.each([2, 3, 7])('in %i parts', (parts) => {
  const all = Array.from({ length: parts }, (_, i) => program(`${i + 1}/${parts}`));

  test('each run of the suite is in one of them, and so is each scenario that is skipped', () => {
    const whole = program();

    expect(named(all.flatMap(({ turns }) => turns)).sort()).toEqual(named(whole.turns).sort());
    expect(named(all.flatMap(({ skipped }) => skipped)).sort()).toEqual(named(whole.skipped).sort());
  });

  test('none has more than one scenario more than another', () => {
    const counts = all.map(({ turns }) => new Set(turns.map(({ scenario }) => scenario)).size);

    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });
});

test('in a part no known fault is said to be gone: it may occur in another', () => {
  const options = {
    scenarios: SUITE.slice(0, 1).map(({ name }) => name),
    baseline: { known: [{ clause: 'virtio/FEAT-D1' as const, reason: 'old' }] },
  };
  const gone = (more: object) => conform(model, { ...options, ...more }).gone.length;

  expect([gone({}), gone({ shard: '1/1' })]).toEqual([1, 0]);
});

test.each([
  ['3/2', 'options.shard must be a part of the scenarios (example 1/2); got "3/2"'],
  ['0/2', 'options.shard must be a part of the scenarios (example 1/2); got "0/2"'],
  ['half', 'options.shard must be a part of the scenarios (example 1/2); got "half"'],
  [1, 'options.shard must be a part of the scenarios (example 1/2); got 1'],
])('%j is no part', (shard, said) => {
  expect(() => checkedOptions({ shard: shard as string })).toThrow(said);
});

test('what is required is required of the whole', () => {
  expect(() => checkedOptions({ shard: '1/2', require: ['virtio/RESET-D1'] })).toThrow(
    'options.require: must not be used with shard: another part may reach it',
  );
});
