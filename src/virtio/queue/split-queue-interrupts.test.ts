import { describe, expect, test } from 'vitest';
import { QueueRig } from './queue-rig.ts';

const NO_INTERRUPT = 1;

/** Offers `count` chains, uses them all at once, and returns whether that interrupted. */
function round(rig: QueueRig, count = 1): boolean {
  const before = rig.interrupts;
  rig.guest.offer(...Array.from({ length: count }, () => rig.guest.chain(4)));
  rig.finish(...rig.popAll());
  return rig.interrupts > before;
}

/** Uses one chain again and again until the used index is `at`. */
function advance(rig: QueueRig, at: number): void {
  const head = rig.guest.chain(4);
  while (rig.guest.usedIdx !== at) {
    rig.guest.offer(head);
    rig.finish(...rig.popAll());
  }
}

describe('without EVENT_IDX, used chains', () => {
  test('interrupt once however many they are', () => {
    const rig = new QueueRig();
    round(rig, 5);
    expect(rig.interrupts).toBe(1);
  });

  test('do not interrupt while the guest suppresses it', () => {
    const rig = new QueueRig();
    rig.guest.flags = NO_INTERRUPT;
    const quiet = round(rig);
    rig.guest.flags = 0;
    expect([quiet, round(rig)]).toEqual([false, true]);
  });

  test('interrupt nevertheless when the ring is empty, with NOTIFY_ON_EMPTY', () => {
    const rig = new QueueRig(8, { notifyOnEmpty: true });
    rig.guest.flags = NO_INTERRUPT;
    rig.guest.offer(rig.guest.chain(4), rig.guest.chain(4));
    rig.queue.pop();
    rig.finish(0);
    const more = rig.interrupts;
    rig.queue.pop();
    rig.finish(1);
    expect([more, rig.interrupts]).toEqual([0, 1]);
  });

  test('ignore the bytes where used_event would be', () => {
    const rig = new QueueRig();
    rig.guest.usedEvent = 1000;
    expect([round(rig), rig.guest.availEvent]).toEqual([true, 0]);
  });
});

describe('with EVENT_IDX, used chains', () => {
  test.each([
    ['the next, one is used', 0, 1, true],
    ['the one after, one is used', 1, 1, false],
    ['the one after, two are used', 1, 2, true],
    ['the last of a batch', 4, 5, true],
    ['the one behind a batch', 5, 5, false],
    ['one of the past', 0xffff, 5, false],
  ])('interrupt when they reach used_event: %s', (_what, event, count, wanted) => {
    const rig = new QueueRig(8, { eventIdx: true });
    rig.guest.usedEvent = event;
    expect(round(rig, count)).toBe(wanted);
  });

  test.each([
    ['before the turn', 0xffff, true],
    ['behind the turn', 0, true],
    ['the last', 1, true],
    ['behind the last', 2, false],
    ['before the first', 0xfffd, false],
  ])('reach used_event over 65536: %s', (_what, event, wanted) => {
    const rig = new QueueRig(8, { eventIdx: true });
    rig.guest.usedEvent = 0x8000;
    advance(rig, 0xfffe);
    rig.guest.usedEvent = event;
    expect([round(rig, 4), rig.guest.usedIdx]).toEqual([wanted, 2]);
  });

  test('interrupt once for each event, not again until the guest asks', () => {
    const rig = new QueueRig(8, { eventIdx: true });
    rig.guest.usedEvent = 2;
    expect([1, 1, 1, 1].map((count) => round(rig, count))).toEqual([false, false, true, false]);
  });

  test('ignore avail.flags', () => {
    const rig = new QueueRig(8, { eventIdx: true });
    rig.guest.flags = NO_INTERRUPT;
    expect(round(rig)).toBe(true);
  });

  test('and NOTIFY_ON_EMPTY do not interrupt for an empty ring', () => {
    const rig = new QueueRig(8, { eventIdx: true, notifyOnEmpty: true });
    rig.guest.usedEvent = 5;
    expect(round(rig)).toBe(false);
  });

  test('update avail_event, where the device waits', () => {
    const rig = new QueueRig(8, { eventIdx: true });
    const seen = [rig.guest.availEvent];
    round(rig, 3);
    seen.push(rig.guest.availEvent);
    rig.guest.offer(rig.guest.chain(4));
    rig.queue.pop();
    seen.push(rig.guest.availEvent);
    rig.popAll();
    seen.push(rig.guest.availEvent);
    expect(seen).toEqual([0, 3, 3, 4]);
  });
});

describe('avail.flags', () => {
  test.each([
    [0, {}, []],
    [1, {}, []],
    [2, {}, ['virtio/VQ-USEDSUP-D1 queue: avail.flags is 2, without EVENT_IDX']],
    [0, { eventIdx: true }, []],
    [1, { eventIdx: true }, ['virtio/VQ-USEDSUP-D2 queue: avail.flags is 1, with EVENT_IDX']],
  ] as const)('of %i with %o are checked when the ring is empty', (flags, features, findings) => {
    const rig = new QueueRig(8, features);
    rig.guest.flags = flags;
    round(rig);
    expect(rig.findings).toEqual(findings);
  });

  test('that become invalid later are seen too', () => {
    const rig = new QueueRig();
    round(rig);
    rig.guest.flags = 3;
    round(rig);
    expect(rig.findings).toEqual(['virtio/VQ-USEDSUP-D1 queue: avail.flags is 3, without EVENT_IDX']);
  });

  test('are checked again after the ring is set up again', () => {
    const rig = new QueueRig();
    const { guest, queue } = rig;
    guest.flags = 2;
    queue.pop();
    queue.configure(guest.at, guest.avail, guest.used);
    queue.pop();
    expect(rig.journal.count('virtio/VQ-USEDSUP-D1')).toBe(2);
  });
});

describe('a chain that comes between the device’s last look and the request to kick', () => {
  /** A guest that runs while the device writes: it offers one more at the first hint. */
  function besides(rig: QueueRig): QueueRig {
    const { memory } = rig.board;
    const late = rig.guest.chain(4);
    rig.guest.offer(rig.guest.chain(4));
    memory.dirty = () => {
      memory.dirty = null;
      rig.guest.offer(late);
    };
    return rig;
  }

  test('is taken with EVENT_IDX', () => {
    const rig = besides(new QueueRig(8, { eventIdx: true }));

    expect([rig.popAll(), rig.guest.availEvent]).toEqual([[1, 0], 2]);
  });

  test('is taken if kicks were suppressed until then', () => {
    const rig = besides(new QueueRig());
    const { dirty } = rig.board.memory;
    rig.board.memory.dirty = null;
    rig.queue.hush();
    rig.board.memory.dirty = dirty;

    expect(rig.popAll()).toEqual([1, 0]);
  });
});
