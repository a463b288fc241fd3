import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { Reservations } from '../../scsi/reservations/reservations.ts';
import { reservedBy } from '../../scsi/reservations/shared-disk.ts';
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

describe('a disk behind two adapters', () => {
  const SHARED = '01 03 40 00';
  const [ABORTED, RESET] = [2, 4];
  const [CLEAR_TASK_SET, LOGICAL_UNIT_RESET] = [3, 5];

  /** Each at target 3; the second has a write in flight, and both are registered with 1 and 2. */
  function setUp() {
    const medium = new MemoryMedium(1 << 20);
    const reservations = new Reservations();
    const rigs = [0, LEAST].map((latency) => {
      const rig = new ScsiRig({ ringSize: 64, latency }).start(ANY_LAYOUT);
      const part = reservedBy(reservations);
      rig.device.addDisk(3, 0, medium, { commands: 'all', part }).takeAttention();
      return rig;
    });
    const [mine, other] = rigs as [ScsiRig, ScsiRig];
    const list = (key: number, action: number) =>
      hex(`${'00'.repeat(7)}0${key} ${'00'.repeat(7)}0${action} ${'00'.repeat(8)}`);
    const out = (rig: ScsiRig, action: string, key: number, actionKey: number) =>
      rig.run({ cdb: `5f ${action} 01 00 00 00000018 00`, lun: SHARED, out: list(key, actionKey) });
    out(mine, '00', 0, 1);
    out(other, '00', 0, 2);
    other.clock.advance(LEAST);
    const head = other.put({ cdb: WRITE_BLOCK_0, lun: SHARED, out: new Uint8Array(512).fill(7) });
    other.kick(REQUEST);
    const left = () => {
      other.clock.advance(LEAST);
      const block = new Uint8Array(1);
      medium.read(0, block, 0, 1);
      const { response, sense } = other.answer(head);
      return [response, sense, block[0]];
    };
    return { mine, other, preempt: (action: string) => out(mine, action, 1, 2), left };
  }

  test('answers what was sent before its initiator was preempted with a unit attention', () => {
    const { preempt, left } = setUp();

    preempt('04');

    expect(left()).toEqual([0, '6/2a/5', 0]);
  });

  test.each<[what: string, act: (rig: ReturnType<typeof setUp>) => void, response: number]>([
    ['its initiator is preempted with abort', ({ preempt }) => preempt('05'), ABORTED],
    ['another clears the task set', ({ mine }) => mine.manage(CLEAR_TASK_SET, SHARED), ABORTED],
    ['another resets it', ({ mine }) => mine.manage(LOGICAL_UNIT_RESET, SHARED), RESET],
  ])('does not carry out what waits when %s', (_what, act, response) => {
    const rig = setUp();

    act(rig);

    expect(rig.left()).toEqual([response, '', 0]);
  });

  test('is told once of the loss of a nexus, and its other initiator not', () => {
    const { mine, other } = setUp();
    const I_T_NEXUS_RESET = 4;
    mine.manage(I_T_NEXUS_RESET, SHARED);

    const sense = [mine, mine].map((rig) => rig.run({ cdb: '00 00 00 00 00 00', lun: SHARED }).sense);

    expect([sense, other.device.unitOf(3, 0)?.takeAttention()]).toEqual([['6/29/7', ''], null]);
  });
});
