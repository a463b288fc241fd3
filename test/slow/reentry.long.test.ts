import { describe, expect, test } from 'vitest';
import { ACTS } from '../reentry/acts.ts';
import { hooksOf } from '../reentry/hooks.ts';
import { Scene, WAYS } from '../reentry/scene.ts';
import { partOf, repeats } from '../repeats.ts';

const hooks = hooksOf(new Scene({}).machine);

const ways = Object.keys(WAYS);
/** In how many of the ways each act is done by each hook; in one, it is another for the next. */
const WAYS_EACH = repeats(1, ways.length);

/** Of one act after the other: what was wrong. */
function wrongOf(way: string, hook: string): string[] {
  const turn = ways.indexOf(way) + hooks.indexOf(hook);
  return Object.entries(ACTS)
    .filter((_, i) => (turn + i) % ways.length < WAYS_EACH)
    .flatMap(([name, act]) => new Scene(WAYS[way]!).play([hook], act).map((wrong) => `${name}: ${wrong}`));
}

describe.each(partOf(ways, 3))('%s: whatever is asked of a machine', (way) => {
  test.each(hooks)('by %s is done and leaves a machine that goes on', (hook) => {
    expect(wrongOf(way, hook)).toEqual([]);
  });
});
