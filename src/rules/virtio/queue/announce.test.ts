import { beforeEach, describe, expect, test } from 'vitest';
import { AccessTrail } from '../../../core/access.ts';
import { Journal } from '../../../core/journal.ts';
import { PACKED, Pair, SPLIT } from './announce-rig.ts';

/** The first descriptor of a packed ring, on the first lap. */
const FIRST = 0x8000;
const D4 = 'virtio/VQ-AVSUP-D4';
const D6 = 'virtio/VQ-AVSUP-D6';
const D7 = 'virtio/VQ-AVSUP-D7';

let journal: Journal;
let pair: Pair;
beforeEach(() => {
  const clock = { now: 0 };
  journal = new Journal(clock, new AccessTrail(clock));
  pair = new Pair(journal);
});
const broken = () => journal.findings.map(({ clause }) => clause);

describe('a driver may', () => {
  test('announce several moves of avail.idx by one kick', () => {
    pair.place(SPLIT);
    pair.publish(1);
    pair.publish(2);
    pair.kick(2);
    pair.watch.ended();

    expect([broken(), journal.reached(D4)]).toEqual([[], true]);
  });

  test('end with a queue that it never used', () => {
    pair.place(SPLIT);
    pair.watch.ended();

    expect([broken(), journal.reached(D4)]).toEqual([[], false]);
  });

  test('end before a slow device has looked', () => {
    pair.place(SPLIT);
    pair.publish(1);
    pair.kick(1);
    pair.publish(2);
    pair.watch.kicked();
    pair.watch.ended();

    expect(broken()).toEqual([]);
  });

  test('give receive buffers back, and kick only when there are more, while the device has some left', () => {
    pair.place(SPLIT);
    pair.publish(4);
    pair.watch.kicked();
    pair.publish(6);
    pair.watch.ended();

    expect(broken()).toEqual([]);
  });

  test('give them back without a kick with EVENT_IDX, when the device has not asked for one', () => {
    pair.place(SPLIT, { eventIdx: true });
    pair.publish(4);
    pair.watch.kicked();
    pair.publish(40);
    pair.watch.ended();

    expect([broken(), journal.reached(D6)]).toEqual([[], true]);
  });

  test('omit the kick while the flags say so', () => {
    pair.place(SPLIT);
    pair.publish(1);
    pair.kick(1);
    pair.ask(SPLIT, 1);
    pair.publish(2);
    pair.watch.ended();

    expect(broken()).toEqual([]);
  });

  test('kick with EVENT_IDX for what the device asked for, though the device found it meanwhile', () => {
    pair.place(SPLIT, { eventIdx: true });
    pair.publish(1);
    pair.kick(1);
    pair.publish(2);
    pair.watch.dry(2);
    pair.watch.kicked();

    expect(broken()).toEqual([]);
  });

  test('kick again with nothing new', () => {
    pair.place(SPLIT, { eventIdx: true });
    pair.publish(1);
    pair.watch.kicked();
    pair.watch.kicked();

    expect(broken()).toEqual([]);
  });

  test('forget what it had not announced with a reset', () => {
    pair.place(SPLIT);
    pair.publish(1);
    pair.watch.forget();
    pair.watch.ended();

    expect(broken()).toEqual([]);
  });
});

test('a packed ring on its second lap has been stocked', () => {
  pair.place(PACKED);
  pair.expose(0);
  pair.expose(0, 2);
  pair.anyTaken = true;

  expect(pair.watch.isStocked).toBe(true);
});

describe('a driver must not', () => {
  test('leave a queue without its first kick', () => {
    pair.place(SPLIT);
    pair.publish(4);
    pair.watch.ended();

    expect(broken()).toEqual([D4]);
    expect(journal.findings[0]!.said).toBe(
      'buffers were made available and never announced: avail.idx is 4, and was 0 at the last kick; it was never kicked',
    );
  });

  test('leave a device waiting that took all there was', () => {
    pair.place(SPLIT);
    pair.publish(4);
    pair.watch.kicked();
    pair.watch.dry(4);
    pair.publish(8);
    pair.watch.ended();

    expect(broken()).toEqual([D4]);
    expect(journal.findings[0]!.said).toBe(
      'buffers were made available and never announced: avail.idx is 8, and the device found nothing at 4; no kick came after that',
    );
  });

  test('go once around the ring without a kick', () => {
    pair.place(SPLIT);
    pair.publish(4);
    pair.watch.kicked();
    pair.publish(4 + SPLIT.size);
    pair.watch.ended();

    expect(broken()).toEqual([D4]);
  });

  test('mark a packed descriptor both available and used, which makes none available', () => {
    pair.place(PACKED);
    pair.kick(FIRST);
    pair.mark(0, 0x8080);
    pair.watch.ended();

    expect(broken()).toEqual([]);
  });

  test('omit the kick of a packed ring on its second lap', () => {
    pair.place(PACKED);
    pair.expose(0);
    pair.kick(FIRST | 1);
    pair.watch.dry(0);
    pair.expose(0, 2);
    pair.watch.ended();

    expect(broken()).toEqual(['virtio/PACKED-IMP-13']);
  });

  test('kick with EVENT_IDX where avail_event was passed long ago, over the end of the index', () => {
    pair.place(SPLIT, { eventIdx: true });
    pair.publish(0xffff);
    pair.watch.kicked();
    pair.askFrom(0x8000);
    pair.publish(1);
    pair.watch.kicked();

    expect(broken()).toEqual([D7]);
  });
});
