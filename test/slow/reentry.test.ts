import { describe, expect, test } from 'vitest';
import { ACTS } from '../reentry/acts.ts';
import { hooksOf } from '../reentry/hooks.ts';
import { Scene, WAYS } from '../reentry/scene.ts';

const hooks = hooksOf(new Scene({}).machine);

/** The errors of every act in turn. */
function wrongOf(way: string, hook: string): string[] {
  return Object.entries(ACTS).flatMap(([name, act]) =>
    new Scene(WAYS[way]!).play([hook], act).map((wrong) => `${name}: ${wrong}`),
  );
}

describe.each(Object.keys(WAYS))('%s: any call of a machine', (way) => {
  test.each(hooks)('by %s is done and leaves a working machine', (hook) => {
    expect(wrongOf(way, hook)).toEqual([]);
  });
});
