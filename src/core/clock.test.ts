import { describe, expect, test } from 'vitest';
import { Clock, TIME_END } from './clock.ts';
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

  test('fires as many timers as there are, each at its own time, whichever were removed before', () => {
    const { clock, fired, timer } = setUp();
    // More than the initial room.
    const timers = Array.from({ length: 200 }, (_, i) => timer(`${i}`));
    for (const [i, one] of timers.entries()) one.arm(1000 - i);
    for (const one of timers.filter((_, i) => i % 3 === 0)) clock.remove(one);
    timers[0]!.arm(1);
    clock.advance(2000);
    const kept = timers.map((_, i) => `${i}@${1000 - i}`).filter((_, i) => i % 3 !== 0);
    expect(fired).toEqual(kept.reverse());
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

  test('goes on when a timer arms itself for the time that has come', () => {
    const clock = new Clock();
    let count = 0;
    const eager = clock.timer('eager', () => {
      count++;
      eager.armAt(clock.now);
    });
    eager.armAt(0);
    clock.advance(10);
    expect([count, clock.now]).toEqual([11, 10]);
  });

  test('goes on when two timers arm each other for the time that has come', () => {
    const clock = new Clock();
    const fired: string[] = [];
    const ping = clock.timer('ping', () => {
      fired.push(`ping@${clock.now}`);
      pong.armAt(clock.now);
    });
    const pong = clock.timer('pong', () => {
      fired.push(`pong@${clock.now}`);
      ping.armAt(clock.now);
    });
    ping.armAt(0);
    clock.advance(1);
    expect(fired).toEqual(['ping@0', 'pong@0', 'ping@1', 'pong@1']);
  });

  test('fires a timer due between two nanoseconds at the later one', () => {
    const { clock, fired, a } = setUp();
    a.arm(1.5);
    clock.advance(10);
    expect(fired).toEqual(['a@2']);
  });

  test('does not fire a timer that another one disarmed at the same time', () => {
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

  test('uses the last arming of a timer, whether sooner or later', () => {
    const { clock, fired, a, b } = setUp();
    a.arm(10);
    a.arm(30);
    b.arm(30);
    b.arm(20);
    clock.advance(40);
    expect(fired).toEqual(['b@20', 'a@30']);
  });

  test('performs acts requested while a timer fires at the time of that timer', () => {
    const { clock } = setUp();
    const done: number[] = [];
    clock.timer('asks', () => clock.userCalls.act('act', () => done.push(clock.now))).arm(10);
    clock.advance(50);
    expect(done).toEqual([10]);
  });

  test('called by code that a device calls fires nothing until that code returns', () => {
    const { clock, fired, a } = setUp();
    a.arm(10);
    clock.userCalls.shield(() => clock.advance(20));
    const within = [...fired];
    clock.advance(0);
    expect([within, fired]).toEqual([[], ['a@20']]);
  });

  test('called from within a timer never moves time back', () => {
    const { clock, fired, a } = setUp();
    clock.timer('slow', () => clock.advance(50)).arm(10);
    a.arm(20);
    clock.advance(15);
    expect([fired, clock.now]).toEqual([['a@20'], 60]);
  });
});

describe('a timer that throws', () => {
  test('stops neither other timers nor time; its error is thrown afterwards', () => {
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

test('a timer that was removed does not fire', () => {
  const { clock, fired, a, b } = setUp();
  a.arm(10);
  b.arm(20);
  clock.remove(a);
  clock.advance(30);
  expect(fired).toEqual(['b@20']);
});

describe('step', () => {
  test('goes to the next due time, and fires what is due', () => {
    const { clock, fired, a, b } = setUp();
    a.arm(100);
    b.arm(200);
    clock.step(1000);
    expect([fired, clock.now]).toEqual([['a@100'], 100]);
  });

  test('goes no further than its end', () => {
    const { clock, fired, a } = setUp();
    a.arm(1001);
    clock.step(1000);
    expect([fired, clock.now]).toEqual([[], 1000]);
  });

  test('goes on by a nanosecond when something is due at once', () => {
    const { clock, fired, a } = setUp();
    a.armAt(0);
    clock.step(1000);
    expect([fired, clock.now]).toEqual([['a@0'], 1]);
  });
});

describe('the end of virtual time', () => {
  test('is the last exact number of nanoseconds, and a timer due then fires', () => {
    const { clock, fired, a } = setUp();
    a.armAt(TIME_END);
    clock.advance(TIME_END);
    expect([fired, clock.now]).toEqual([[`a@${2 ** 53 - 1}`], 2 ** 53 - 1]);
  });

  test('is not passed: time does not move, and nothing fires', () => {
    const { clock, fired, a } = setUp();
    a.arm(10);
    expect(() => clock.advance(TIME_END + 1)).toThrow('the end of virtual time, 2^53 (104 days)');
    expect([fired, clock.now]).toEqual([[], 0]);
  });

  test('is reached before a timer that is armed for later', () => {
    const { clock, fired, a } = setUp();
    clock.advance(TIME_END - 5);
    a.arm(10);
    clock.advance(5);
    expect(fired).toEqual([]);
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY])('no time passes by %d', (by) => {
    const { clock } = setUp();
    expect(() => clock.advance(by)).toThrow('must be a whole number of nanoseconds');
    expect(clock.now).toBe(0);
  });
});

describe('the last tick', () => {
  test('is that of the timer that ticks last, where nothing else is due', () => {
    const { clock } = setUp();
    clock.timer('often', () => {}, { ticks: true }).arm(10);
    clock.timer('seldom', () => {}, { ticks: true }).arm(30);
    expect(clock.lastTick).toBe(30);
  });

  test('is never where something else is due', () => {
    const { clock, a } = setUp();
    clock.timer('often', () => {}, { ticks: true }).arm(10);
    a.arm(20);
    expect(clock.lastTick).toBe(Number.POSITIVE_INFINITY);
  });

  test('is none where nothing is due before time ends', () => {
    const { clock, a } = setUp();
    a.arm(TIME_END + 1);
    expect(clock.lastTick).toBe(0);
  });
});
