import { expect, test } from 'vitest';
import { compose, type EventTable } from './compose.ts';

interface Events {
  written(offset: number, value: number): void;
  read(offset: number): void;
  reset(): void;
}

const EVENTS: EventTable<Events> = { written: 2, read: 1, reset: 0 };

/** Notes what it is told. */
class Listener {
  readonly heard: string[];
  private readonly name: string;

  constructor(name: string, heard: string[]) {
    this.name = name;
    this.heard = heard;
  }

  written(...args: readonly number[]): void {
    this.heard.push(`${this.name} written ${args}`);
  }
}

test('each watch that has a method for an event is told of it, in their order, with all its arguments', () => {
  const heard: string[] = [];
  const events = compose<Events>(EVENTS, [
    new Listener('a', heard),
    { read: (offset) => heard.push(`read ${offset}`) },
    new Listener('b', heard),
  ]);

  events.written(4, 7);
  events.read(8);

  expect(heard).toEqual(['a written 4,7', 'b written 4,7', 'read 8']);
});

test('watches of one class hear the same, whatever fields each has', () => {
  const heard: string[] = [];
  const one = Object.assign(new Listener('a', heard), { reset: () => heard.push('reset') });

  compose<Events>(EVENTS, [one]).reset();
  const events = compose<Events>(EVENTS, [new Listener('b', heard)]);
  events.reset();
  events.written(1, 2);

  expect(heard).toEqual(['b written 1,2']);
});

test('an event that no watch has a method for is told to none', () => {
  const heard: string[] = [];
  const events = compose<Events>(EVENTS, [new Listener('a', heard)]);

  events.reset();
  events.read(0);

  expect(heard).toEqual([]);
});

test('what a watch has besides its events, or holds by the name of one, is left alone', () => {
  const events = compose<Events>(EVENTS, [{ read: 5, other: () => {} } as unknown as Partial<Events>]);

  events.read(0);

  expect(Object.keys(EVENTS).map((name) => typeof events[name as keyof Events])).toEqual([
    'function',
    'function',
    'function',
  ]);
  expect('other' in events).toBe(false);
});

test('objects for the same events and watches of the same kinds share their methods', () => {
  const heard: string[] = [];
  const [one, two, three] = [1, 1, 2].map((count) =>
    compose<Events>(
      EVENTS,
      Array.from({ length: count }, (_, i) => new Listener(`${i}`, heard)),
    ),
  );

  expect([one!.written === two!.written, one!.written === three!.written]).toEqual([true, false]);
});
