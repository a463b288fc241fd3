import { describe, expect, test } from 'vitest';
import { Mishaps } from './mishaps.ts';

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

test('an error of the user’s code is raised when the work is done, once', () => {
  const mishaps = new Mishaps();
  mishaps.shield(throwing('cable cut'));
  expect(() => mishaps.raise()).toThrow('cable cut');
  expect(() => mishaps.raise()).not.toThrow();
});

test('the first of several errors is raised, whatever was thrown', () => {
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

test('an error in the middle of the work is raised at its end', () => {
  const mishaps = new Mishaps();
  mishaps.enter();
  mishaps.shield(throwing('cable cut'));
  mishaps.raise();
  mishaps.leave();
  expect(() => mishaps.raise()).toThrow('cable cut');
});

test('nothing is raised if nothing was thrown', () => {
  const mishaps = new Mishaps();
  mishaps.shield(() => {});
  expect(() => mishaps.raise()).not.toThrow();
});

describe('a requested act', () => {
  test('is done at once if no work is under way', () => {
    const done: string[] = [];
    new Mishaps().act('reset', () => done.push('reset'));
    expect(done).toEqual(['reset']);
  });

  test('of called code is done when the work is, in order, before errors are raised', () => {
    const mishaps = new Mishaps();
    const done: string[] = [];
    mishaps.shield(() => {
      mishaps.act('first', () => done.push('first'));
      mishaps.act('second', () => done.push('second'));
      throw new Error('cable cut');
    });
    done.push('device');
    expect(() => mishaps.raise()).toThrow('cable cut');
    expect(done).toEqual(['device', 'first', 'second']);
  });

  test('of such an act is done in turn, never in the middle of another', () => {
    const mishaps = new Mishaps();
    const done: string[] = [];
    mishaps.act('outer', () => {
      mishaps.shield(() => mishaps.act('inner', () => done.push('inner')));
      mishaps.raise();
      done.push('outer');
    });
    expect(done).toEqual(['outer', 'inner']);
  });

  test('of a firing timer waits for its end', () => {
    const mishaps = new Mishaps();
    const done: string[] = [];
    mishaps.begin();
    mishaps.act('act', () => done.push('act'));
    done.push('timer');
    mishaps.done();
    mishaps.settle();
    expect(done).toEqual(['timer', 'act']);
  });

  test('that throws has its error raised, and stops no other act', () => {
    const mishaps = new Mishaps();
    const done: string[] = [];
    mishaps.shield(() => {
      mishaps.act('first', throwing('no room'));
      mishaps.act('second', () => done.push('second'));
    });
    expect(() => mishaps.raise()).toThrow('no room');
    expect(done).toEqual(['second']);
  });

  test('that requests itself without end throws in the end', () => {
    const mishaps = new Mishaps();
    let times = 0;
    const again = (): void => {
      times++;
      mishaps.shield(() => mishaps.act('again', again));
    };
    expect(() => mishaps.act('again', again)).toThrow(
      'again: is asked for by what follows from it, without end',
    );
    // The first, its request, and 256 that follow.
    expect(times).toBe(258);
  });
});
