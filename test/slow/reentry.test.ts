import { describe, expect, test } from 'vitest';
import { ACTS } from '../reentry/acts.ts';
import { hooksOf } from '../reentry/hooks.ts';
import { Scene, WAYS } from '../reentry/scene.ts';

const hooks = hooksOf(new Scene({}).machine);

/** Of every act in turn: what was wrong. */
function wrongOf(way: string, hook: string): string[] {
  return Object.entries(ACTS).flatMap(([name, act]) =>
    new Scene(WAYS[way]!).play([hook], act).map((wrong) => `${name}: ${wrong}`),
  );
}

describe.each(Object.keys(WAYS))('%s: whatever is asked of a machine', (way) => {
  test.each(hooks)('by %s is done and leaves a machine that goes on', (hook) => {
    expect(wrongOf(way, hook)).toEqual([]);
  });
});
