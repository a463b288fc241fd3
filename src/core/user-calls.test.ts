import { describe, expect, test } from 'vitest';
import { UserCalls } from './user-calls.ts';

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

test('an error of the user’s code is raised when the work is done, once', () => {
  const userCalls = new UserCalls();
  userCalls.shield(throwing('cable cut'));
  expect(() => userCalls.raise()).toThrow('cable cut');
  expect(() => userCalls.raise()).not.toThrow();
});

test('the first of several errors is raised, whatever was thrown', () => {
  const userCalls = new UserCalls();
  userCalls.shield(throwing(undefined));
  userCalls.shield(throwing('second'));
  let raised: unknown = 'nothing';
  try {
    userCalls.raise();
  } catch (error) {
    raised = error;
  }
  expect(raised).toBeUndefined();
});

test('an error in the middle of the work is raised at its end', () => {
  const userCalls = new UserCalls();
  userCalls.enter();
  userCalls.shield(throwing('cable cut'));
  userCalls.raise();
  userCalls.leave();
  expect(() => userCalls.raise()).toThrow('cable cut');
});

test('nothing is raised if nothing was thrown', () => {
  const userCalls = new UserCalls();
  userCalls.shield(() => {});
  expect(() => userCalls.raise()).not.toThrow();
});

describe('a requested act', () => {
  test('is done at once if no work is under way', () => {
    const done: string[] = [];
    new UserCalls().act('reset', () => done.push('reset'));
    expect(done).toEqual(['reset']);
  });

  test('of called code is done when the work is, in order, before errors are raised', () => {
    const userCalls = new UserCalls();
    const done: string[] = [];
    userCalls.shield(() => {
      userCalls.act('first', () => done.push('first'));
      userCalls.act('second', () => done.push('second'));
      throw new Error('cable cut');
    });
    done.push('device');
    expect(() => userCalls.raise()).toThrow('cable cut');
    expect(done).toEqual(['device', 'first', 'second']);
  });

  test('of such an act is done in turn, never in the middle of another', () => {
    const userCalls = new UserCalls();
    const done: string[] = [];
    userCalls.act('outer', () => {
      userCalls.shield(() => userCalls.act('inner', () => done.push('inner')));
      userCalls.raise();
      done.push('outer');
    });
    expect(done).toEqual(['outer', 'inner']);
  });

  test('of a firing timer waits for its end', () => {
    const userCalls = new UserCalls();
    const done: string[] = [];
    userCalls.begin();
    userCalls.act('act', () => done.push('act'));
    done.push('timer');
    userCalls.done();
    userCalls.settle();
    expect(done).toEqual(['timer', 'act']);
  });

  test('that throws has its error raised, and stops no other act', () => {
    const userCalls = new UserCalls();
    const done: string[] = [];
    userCalls.shield(() => {
      userCalls.act('first', throwing('no room'));
      userCalls.act('second', () => done.push('second'));
    });
    expect(() => userCalls.raise()).toThrow('no room');
    expect(done).toEqual(['second']);
  });

  test('that requests itself without end throws in the end', () => {
    const userCalls = new UserCalls();
    let times = 0;
    const again = (): void => {
      times++;
      userCalls.shield(() => userCalls.act('again', again));
    };
    expect(() => userCalls.act('again', again)).toThrow('again: follows from itself without end');
    // The first, its request, and 256 that follow.
    expect(times).toBe(258);
  });
});
