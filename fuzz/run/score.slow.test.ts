import { expect, test } from 'vitest';
import { CLAUSE_IDS } from '../../src/rules/index.ts';
import { perform } from '../find/perform.ts';
import type { Op } from './op.ts';
import { play } from './score.ts';

/** Enough operations for drivers to start and some of them to fail. */
const OPS = 2000;
const SCORES = [1, 2].map((episode) => ({ seed: 1, episode, ops: OPS }));

test.each(SCORES)('episode $episode is reproducible', (score) => {
  const [once, again] = [play(score, [], { digest: true }), play(score, [], { digest: true })];

  expect(again.digest).toBe(once.digest);
  expect(once.run).toMatchObject({ ops: OPS, failure: null });
});

test('another seed gives another episode', () => {
  const [one, other] = [1, 2].map((seed) => play({ seed, episode: 0, ops: OPS }, [], { digest: true }));

  expect(other!.digest).not.toBe(one!.digest);
});

test('recorded operations can be repeated without the drivers', () => {
  const trace: Op[] = [];
  const { setup } = play({ seed: 1, episode: 1, ops: OPS }, [], { trace });

  const { run } = perform(setup, trace);

  expect(run.failure).toBeNull();
  // Loads from RAM are not recorded.
  expect(run.ops).toBeGreaterThan(OPS / 2);
});

test('listeners do nothing after the episode, even if reading findings causes events', () => {
  // The first episode found in which a listener made an access while the final state was evaluated.
  const { run } = play({ seed: 523_898_226, episode: 1 }, CLAUSE_IDS);

  expect(run.failure).toBeNull();
});
