import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../../core/access.ts';
import { Journal } from '../../../core/journal.ts';
import { NEXT, QueueRig } from '../../../virtio/queue/queue-rig.ts';
import type { ClauseId } from '../../index.ts';
import { QueueWatch } from './queue-watch.ts';
import { RINGS } from './rings.ts';

const CLAUSES = Object.keys(RINGS) as ClauseId[];
const metOf = (journal: Journal) => CLAUSES.filter((clause) => journal.reached(clause));

/** Clauses met when a ring of 8 entries is handed over, before anything is offered. */
const HANDED_OVER = ['virtio/RFEAT-D4', 'virtio/VQ-AVSUP-D1'];

describe('a ring to which nothing was offered', () => {
  test('meets only the rules of its place and of its flags, however often the device looks', () => {
    const rig = new QueueRig();
    const handedOver = metOf(rig.journal);

    rig.popAll();
    rig.popAll();

    expect(handedOver).toEqual(HANDED_OVER);
    expect(metOf(rig.journal)).toEqual([...HANDED_OVER, 'virtio/VQ-USEDSUP-D1']);
  });
});

describe('a chain', () => {
  test('of one buffer meets what it could break, and counts each time', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4));
    rig.finish(...rig.popAll());
    rig.guest.offer(rig.guest.chain(4));
    rig.finish(...rig.popAll());

    expect(metOf(rig.journal)).toEqual([
      'virtio/RFEAT-D4',
      'virtio/VQ-IMP-21',
      'virtio/VQ-IMP-31',
      'virtio/VQ-IMP-33',
      'virtio/VQ-AVSUP-D1',
      'virtio/VQ-AVAIL-D1',
      'virtio/VQ-IMP-3',
      'virtio/VQ-USEDSUP-D1',
      'virtio/VQ-IND-D1',
    ]);
    expect(rig.journal.read('virtio/VQ-IMP-3').met).toBe(2);
  });

  test('meets the rules of loops and of order when it has several buffers, one of them writable', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(Uint8Array.of(1), Uint8Array.of(2)));
    rig.finish(...rig.popAll());
    const readable = metOf(rig.journal);
    rig.guest.offer(rig.guest.chain(Uint8Array.of(1), 4));
    rig.finish(...rig.popAll());

    expect([readable.includes('virtio/VQ-DESC-D1'), readable.includes('virtio/VQ-FRAME-D1')]).toEqual([
      true,
      false,
    ]);
    expect(rig.journal.reached('virtio/VQ-FRAME-D1')).toBe(true);
  });

  test('meets the rule of what is in flight when something is', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4));
    rig.queue.pop();
    const alone = rig.journal.reached('virtio/VQ-IMP-4');
    rig.guest.offer(rig.guest.chain(4));
    rig.queue.pop();

    expect([alone, rig.journal.reached('virtio/VQ-IMP-4')]).toEqual([false, true]);
  });

  test('that was put back leaves nothing in flight', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4));
    rig.queue.pop();
    rig.queue.rewind(1);
    rig.queue.pop();

    expect(rig.journal.reached('virtio/VQ-IMP-4')).toBe(false);
  });

  test('that breaks a rule is shown with its ring', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4));
    rig.finish(...rig.popAll());
    rig.guest.describe(3, 0x10_3040, 64, NEXT, 4);
    rig.guest.describe(4, 0x10_4000, 0);
    rig.guest.offer(3);
    rig.popAll();

    expect(rig.journal.of('virtio/VQ-IMP-21')[0]!.evidence.facts).toEqual([
      'avail.idx = 2',
      'avail.ring[1] = 3',
      'desc[3] = 00103040 +64 NEXT→4',
      'desc[4] = 00104000 +0',
    ]);
  });
});

test('wrong flags are reported once in a ring’s life, and met each time the ring runs dry', () => {
  const journal = new Journal({ now: 7 }, new AccessTrail({ now: 7 }));
  const watch = new QueueWatch(() => 'queue', journal);
  for (const flags of [2, 2, 0x100, 0x100]) watch.dry(0, flags, 0);
  const first = journal.count('virtio/VQ-USEDSUP-D1');
  watch.forgotten();
  watch.dry(0, 2, 0);

  expect([first, journal.count('virtio/VQ-USEDSUP-D1')]).toEqual([1, 2]);
  expect(journal.read('virtio/VQ-USEDSUP-D1')).toEqual({ met: 5, broken: 2, at: 7 });
});

test('what happens quietly is not counted', () => {
  const rig = new QueueRig();
  rig.guest.offer(rig.guest.chain(4));
  rig.journal.quietly(() => rig.finish(...rig.popAll()));

  expect(rig.journal.reached('virtio/VQ-IMP-3')).toBe(false);
});

test('a used ring with an index is found at the first chain', () => {
  const rig = new QueueRig();
  rig.guest.view.setUint16(rig.guest.used + 2, 5, true);
  rig.queue.configure(rig.guest.at, rig.guest.avail, rig.guest.used);
  rig.popAll();
  const before = rig.findings;
  rig.guest.offer(rig.guest.chain(Uint8Array.of(1)));

  rig.popAll();

  expect([before, rig.findings]).toEqual([
    [],
    ['virtio/VQ-AVSUP-D1 queue: used.idx was 5 before the device wrote it: that is left from an earlier use'],
  ]);
});
