import { expect, test } from 'vitest';
import { Mishaps } from './mishaps.ts';

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

test('what the user threw is raised when the work is done, and once', () => {
  const mishaps = new Mishaps();
  mishaps.shield(throwing('cable cut'));
  expect(() => mishaps.raise()).toThrow('cable cut');
  expect(() => mishaps.raise()).not.toThrow();
});

test('of several the first counts, whatever was thrown', () => {
  const mishaps = new Mishaps();
  mishaps.shield(throwing(undefined));
  mishaps.shield(throwing('second'));
  let raised: unknown = 'nothing';
  try {
    mishaps.raise();
  } catch (error) {
    raised = error;
  }
  expect(raised).toBeUndefined();
});

test('what is thrown in the middle of the work waits for its end', () => {
  const mishaps = new Mishaps();
  mishaps.enter();
  mishaps.shield(throwing('cable cut'));
  mishaps.raise();
  mishaps.leave();
  expect(() => mishaps.raise()).toThrow('cable cut');
});

test('nothing is raised where nothing was thrown', () => {
  const mishaps = new Mishaps();
  mishaps.shield(() => {});
  expect(() => mishaps.raise()).not.toThrow();
});
