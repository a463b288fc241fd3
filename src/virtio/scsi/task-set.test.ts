import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, READ_BLOCK_0, REQUEST, ScsiRig, WRITE_BLOCK_0 } from './scsi-rig.ts';

const LEAST = 10_000;
const MOST = 400_000;
const TASK_SET_FULL = 0x28;
const SLOW = '01 02 40 00';
/** task_attr, prio and crn. */
const [SIMPLE, ORDERED, HEAD] = ['00 00 00', '01 00 00', '02 00 00'];

/** The order in which requests with these attributes, sent together, are answered; by seed of the machine. */
function orderOf(
  attributes: readonly string[],
  latency: number | [number, number] = [LEAST, MOST],
): number[] {
  const rig = new ScsiRig({ ringSize: 64, latency }).start(ANY_LAYOUT);
  const heads = attributes.map((tagging) => rig.put({ cdb: READ_BLOCK_0, room: 512, tagging }));
  rig.kick(REQUEST);
  rig.clock.advance(MOST * attributes.length);
  return rig.guests[REQUEST]!.take().map(([head]) => heads.indexOf(head));
}

describe('with a latency between two values', () => {
  test('SIMPLE commands are carried out in any order, each of them once', () => {
    const order = orderOf(new Array(8).fill(SIMPLE));

    expect(order).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('the last of two writes to a block is what a later one does', () => {
    const rig = new ScsiRig({ ringSize: 64, latency: [LEAST, MOST] }).start(ANY_LAYOUT);
    const heads = Array.from({ length: 8 }, (_, i) =>
      rig.put({ cdb: WRITE_BLOCK_0, out: new Uint8Array(512).fill(i) }),
    );
    rig.kick(REQUEST);
    rig.clock.advance(MOST);
    const last = heads.indexOf(rig.guests[REQUEST]!.take().at(-1)![0]);
    const found = new Uint8Array(1);
    rig.medium.read(0, found, 0, 1);

    expect([found[0], last === 7]).toEqual([last, false]);
  });

  test('ORDERED commands are carried out in the order that they came', () => {
    expect(orderOf(new Array(8).fill(ORDERED))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('an ORDERED command is behind all that came before, and before all that come after', () => {
    const order = orderOf([...new Array(6).fill(SIMPLE), ORDERED, ...new Array(6).fill(SIMPLE)]);

    expect(order.indexOf(6)).toBe(6);
    expect(order.slice(0, 6).toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a HEAD OF QUEUE command is before all that wait', () => {
    expect(orderOf([SIMPLE, ORDERED, SIMPLE, HEAD])[0]).toBe(3);
  });
});

test('with one latency commands are carried out as they came, but for HEAD OF QUEUE', () => {
  expect(orderOf([SIMPLE, SIMPLE, ORDERED, SIMPLE, HEAD, SIMPLE], LEAST)).toEqual([4, 0, 1, 2, 3, 5]);
});

describe('a disk with a queue depth', () => {
  /** One with room for three at target 2. */
  function setUp(latency: number) {
    const rig = new ScsiRig({ ringSize: 64, latency }).start(ANY_LAYOUT);
    rig.device.addDisk(2, 0, new MemoryMedium(1 << 20), { queueDepth: 3 });
    rig.device.hearAttentions();
    return rig;
  }

  test('answers TASK SET FULL at once to the commands that it has no place for', () => {
    const rig = setUp(LEAST);
    const heads = [1, 2, 3, 4, 5].map(() => rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 }));
    rig.kick(REQUEST);
    const atOnce = rig.guests[REQUEST]!.take().map(([head]) => head);
    rig.clock.advance(LEAST);

    expect(atOnce).toEqual(heads.slice(3));
    expect(heads.map((head) => rig.answer(head).status)).toEqual([0, 0, 0, TASK_SET_FULL, TASK_SET_FULL]);
  });

  test('has places again once commands are answered', () => {
    const rig = setUp(LEAST);
    const three = () => [1, 2, 3].map(() => rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 }));
    const first = three();
    rig.kick(REQUEST);
    rig.clock.advance(LEAST);
    const second = three();
    rig.kick(REQUEST);
    rig.clock.advance(LEAST);

    expect([...first, ...second].map((head) => rig.answer(head).status)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('takes no place of another disk', () => {
    const rig = setUp(LEAST);
    const others = [1, 2, 3, 4].map(() => rig.put({ cdb: READ_BLOCK_0, room: 512 }));
    const one = rig.put({ cdb: READ_BLOCK_0, lun: SLOW, room: 512 });
    rig.kick(REQUEST);
    rig.clock.advance(LEAST);

    expect([...others, one].map((head) => rig.answer(head).status)).toEqual([0, 0, 0, 0, 0]);
  });
});
