import { describe, expect, test } from 'vitest';
import { compose } from '../../core/compose.ts';
import { QUEUE_EVENTS, type QueueEvents } from './events.ts';
import { QueueRig } from './queue-rig.ts';

/** Records its events: `taken 0`. */
function listener(name: string, heard: string[]): QueueEvents {
  const hear =
    (what: string) =>
    (...[, ...values]: unknown[]) =>
      heard.push([name, what, ...values.filter((value) => typeof value !== 'object')].join(' '));
  return {
    placed: hear('placed'),
    taken: hear('taken'),
    putBack: hear('putBack'),
    used: hear('used'),
    published: hear('published'),
    dry: hear('dry'),
    fault: hear('fault'),
    forgotten: hear('forgotten'),
  };
}

describe('a ring reports', () => {
  test('its events in order', () => {
    const { queue, guest } = new QueueRig();
    const heard: string[] = [];
    queue.events = listener('a', heard);
    queue.configure(guest.at, guest.avail, guest.used);
    guest.offer(guest.chain(4), guest.chain(4));
    while (queue.pop());
    queue.rewind(1);
    queue.push(0, 3);
    queue.flush();
    guest.offer(99);
    while (queue.pop());

    expect(heard).toEqual([
      'a forgotten',
      'a placed',
      'a taken false',
      'a taken false',
      'a dry 0 2',
      'a putBack 1',
      'a used 0 3',
      'a published 1',
      'a taken false',
      'a fault head beyond 2 99 8',
    ]);
  });

  test('nothing without a listener, and works as before', () => {
    const rig = new QueueRig();
    rig.queue.events = null;
    rig.guest.offer(rig.guest.chain(4), 99);
    rig.finish(...rig.popAll());

    expect([rig.guest.take(), rig.queue.ready, rig.findings]).toEqual([[[0, 0]], false, []]);
  });

  test('to both listeners, one after the other', () => {
    const { queue, guest } = new QueueRig();
    const heard: string[] = [];
    queue.events = compose<QueueEvents>(QUEUE_EVENTS, [listener('a', heard), listener('b', heard)]);
    guest.offer(guest.chain(4));
    queue.pop();
    queue.push(0, 0);
    queue.flush();
    queue.rewind(0);
    queue.pop();
    queue.configure(guest.at, guest.avail, guest.used);

    const [a, b] = ['a', 'b'].map((name) =>
      heard.filter((line) => line.startsWith(name)).map((line) => line.slice(2)),
    );
    expect(a).toEqual(b);
    expect(a).toEqual([
      'taken false',
      'used 0 0',
      'published 1',
      'putBack 0',
      'dry 0 1',
      'forgotten',
      'placed',
    ]);
  });
});
