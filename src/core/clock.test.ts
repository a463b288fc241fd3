import { describe, expect, test } from 'vitest';
import { Clock } from './clock.ts';
import { MisuseError } from './misuse.ts';

/** A clock, timers `a` and `b` on it, and when each fired. */
function setUp() {
  const clock = new Clock();
  const fired: string[] = [];
  const timer = (name: string) => clock.timer(name, () => fired.push(`${name}@${clock.now}`));
  return { clock, fired, a: timer('a'), b: timer('b'), timer };
}

describe('advance', () => {
  test('fires at exactly the due time and not a nanosecond before', () => {
    const { clock, fired, a } = setUp();
    a.arm(100);
    clock.advance(99);
    const early = [...fired];
    clock.advance(1);
    expect([early, fired, clock.now]).toEqual([[], ['a@100'], 100]);
  });

  test('fires each timer at its own time, in the order of time', () => {
    const { clock, fired, a, b } = setUp();
    a.arm(30);
    b.arm(10);
    clock.advance(50);
    expect([fired, clock.now]).toEqual([['b@10', 'a@30'], 50]);
  });

  test('fires timers of one time in the order in which they were made', () => {
    const { clock, fired, a, b, timer } = setUp();
    timer('c').arm(10);
    b.arm(10);
    a.arm(10);
    clock.advance(10);
    expect(fired).toEqual(['a@10', 'b@10', 'c@10']);
  });

  test('fires a timer once', () => {
    const { clock, fired, a } = setUp();
    a.arm(10);
    clock.advance(100);
    clock.advance(100);
    expect([fired, a.due]).toEqual([['a@10'], Number.POSITIVE_INFINITY]);
  });

  test('fires again a timer that armed itself, as often as it falls due', () => {
    const { clock } = setUp();
    const ticks: number[] = [];
    const tick = clock.timer('tick', () => {
      ticks.push(clock.now);
      tick.arm(10);
    });
    tick.arm(10);
    clock.advance(35);
    expect([ticks, tick.due]).toEqual([[10, 20, 30], 40]);
  });

  test('fires what another timer armed for the same advance', () => {
    const { clock, fired, a } = setUp();
    clock.timer('first', () => a.arm(5)).arm(10);
    clock.advance(20);
    expect(fired).toEqual(['a@15']);
  });

  test('goes on when a timer arms itself without delay, so that no timer stops time', () => {
    const clock = new Clock();
    let count = 0;
    const eager = clock.timer('eager', () => {
      count++;
      eager.arm(0);
    });
    eager.arm(0);
    clock.advance(10);
    expect([count, clock.now]).toEqual([10, 10]);
  });

  test('leaves a timer alone that another one disarmed at the same time', () => {
    const { clock, fired, a, timer } = setUp();
    const c = timer('c');
    const stop = clock.timer('stop', () => c.disarm());
    const d = timer('d');
    stop.arm(10);
    c.arm(11);
    d.arm(12);
    a.arm(10);
    clock.advance(20);
    expect(fired).toEqual(['a@10', 'd@12']);
  });

  test('fires a timer armed for the past at once, without going back', () => {
    const { clock, fired, a } = setUp();
    clock.advance(100);
    a.armAt(40);
    clock.advance(0);
    expect([fired, clock.now]).toEqual([['a@100'], 100]);
  });

  test('takes the last arming of a timer, whether sooner or later', () => {
    const { clock, fired, a, b } = setUp();
    a.arm(10);
    a.arm(30);
    b.arm(30);
    b.arm(20);
    clock.advance(40);
    expect(fired).toEqual(['b@20', 'a@30']);
  });

  test('called from within a timer never takes time back', () => {
    const { clock, fired, a } = setUp();
    clock.timer('slow', () => clock.advance(50)).arm(10);
    a.arm(20);
    clock.advance(15);
    expect([fired, clock.now]).toEqual([['a@20'], 60]);
  });
});

describe('a timer that throws', () => {
  test('keeps no other from firing, nor time from passing, and then the error comes', () => {
    const { clock, fired, a, timer } = setUp();
    const broken = clock.timer('broken', () => {
      throw new Error('cable cut');
    });
    broken.arm(10);
    a.arm(10);
    timer('c').arm(20);
    expect(() => clock.advance(30)).toThrow('cable cut');
    expect([fired, clock.now]).toEqual([['a@10', 'c@20'], 30]);
  });

  test('may be armed again', () => {
    const clock = new Clock();
    let count = 0;
    const broken = clock.timer('broken', () => {
      count++;
      throw new Error('cable cut');
    });
    broken.arm(10);
    expect(() => clock.advance(10)).toThrow('cable cut');
    broken.arm(10);
    expect(() => clock.advance(10)).toThrow('cable cut');
    expect(count).toBe(2);
  });
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5', 5n])('time does not move by %s', (by) => {
  const clock = new Clock();
  expect(() => clock.advance(by as number)).toThrow(MisuseError);
  expect(clock.now).toBe(0);
});

test.each([-1, Number.NaN, '5', 5n])('nothing runs until %s', (limit) => {
  const clock = new Clock();
  expect(() => clock.runUntil(() => true, limit as number)).toThrow(MisuseError);
});

test('a timer that was removed does not fire', () => {
  const { clock, fired, a, b } = setUp();
  a.arm(10);
  b.arm(20);
  clock.remove(a);
  clock.advance(30);
  expect(fired).toEqual(['b@20']);
});

describe('runUntil', () => {
  test('stops at the timer that made it true', () => {
    const { clock, fired, a, b } = setUp();
    a.arm(100);
    b.arm(200);
    const done = clock.runUntil(() => fired.length > 0, 1000);
    expect([done, clock.now]).toEqual([true, 100]);
  });

  test('is true at once if it is so already, and takes no time', () => {
    const { clock } = setUp();
    expect([clock.runUntil(() => true, 0), clock.now]).toEqual([true, 0]);
  });

  test('is false after exactly the limit, with nothing armed', () => {
    const { clock } = setUp();
    expect([clock.runUntil(() => false, 1000), clock.now]).toEqual([false, 1000]);
  });

  test('still fires what is due at the limit, and is true if that was it', () => {
    const { clock, fired, a } = setUp();
    a.arm(1000);
    expect(clock.runUntil(() => fired.length > 0, 1000)).toBe(true);
  });

  test('does not fire what is due after the limit', () => {
    const { clock, fired, a } = setUp();
    a.arm(1001);
    clock.runUntil(() => fired.length > 0, 1000);
    expect([fired, clock.now]).toEqual([[], 1000]);
  });
});
