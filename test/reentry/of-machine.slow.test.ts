import { describe, expect, test } from 'vitest';
import { ACTS } from './acts.ts';
import { hooksOf } from './hooks.ts';
import { Scene, WAYS } from './scene.ts';

const ways = Object.values(WAYS);
const ALL = Object.entries(ACTS).map(([name, act], i) => [name, ways[i % ways.length]!, act] as const);

describe('done by all of the code that a user can supply', () => {
  test.each(ALL.filter(([name]) => name.startsWith('machine.')))(
    '%s leaves a machine that goes on',
    (_name, options, act) => {
      const scene = new Scene(options);

      expect(scene.play(hooksOf(scene.machine), act)).toEqual([]);
    },
  );
});
