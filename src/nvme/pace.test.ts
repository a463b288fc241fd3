import { describe, expect, test } from 'vitest';
import { DATA, NvmeRig } from './nvme-rig.ts';
import type { PacePolicy } from './pace.ts';
import { ADMIN, CREATE_SQ_CDW11, NVM } from './registers/commands.ts';

const AT_ONCE = { coalesce: null, spurious: 0, configuration: 0, lost: 0 };
/** So long that commands of one doorbell end at times of their own. */
const LATE = 100_000;
const ANY_ORDER: PacePolicy = { latency: [1000, LATE], order: 'random', interrupts: AT_ONCE };
const FLUSH = { opcode: NVM.FLUSH, nsid: 1 };
const ABORTED = 0x007;
const COMMANDS = 6;

const slow = (pace: Partial<PacePolicy> = {}) =>
  new NvmeRig({ pace: { ...ANY_ORDER, ...pace } }).withMessages().enable().makePair(1, 16, 1);

/** Commands by one doorbell. @returns their identifiers. */
function flushes(rig: NvmeRig, count = COMMANDS): number[] {
  const cids = Array.from({ length: count }, (_, i) => 0x100 + i);
  for (const cid of cids) rig.put({ ...FLUSH, cid }, 1);
  rig.ring(1);
  return cids;
}

function ended(rig: NvmeRig, queue = 1): number[] {
  const cids: number[] = [];
  for (let one = rig.take(queue); one !== null; one = rig.take(queue)) cids.push(one.cid);
  return cids;
}

describe('commands that are carried out late', () => {
  test('overtake each other, and each ends once', () => {
    const rig = slow();
    const cids = flushes(rig);
    const before = ended(rig);
    rig.clock.advance(LATE);
    const order = ended(rig);

    expect(before).toEqual([]);
    expect(order).not.toEqual(cids);
    expect(order.toSorted()).toEqual(cids);
  });

  test('end in their order where that is asked for', () => {
    const rig = slow({ order: 'fifo' });
    const cids = flushes(rig);
    rig.clock.advance(2 * LATE);

    expect(ended(rig)).toEqual(cids);
  });

  test('read what is there when they end', () => {
    const rig = slow();
    rig.bytes[DATA] = 0;
    rig.put({ opcode: NVM.READ, nsid: 1 }, 1);
    rig.ring(1);
    rig.fn.controller.namespaces[1]!.medium.write(0, Uint8Array.of(0x5a), 0, 1);
    const before = rig.bytes[DATA];
    rig.clock.advance(LATE);

    expect([before, rig.bytes[DATA]]).toEqual([0, 0x5a]);
  });

  test('of several submission queues end in one completion queue, which names each', () => {
    const rig = slow().makePair(2, 16, 2);
    rig.run({ opcode: ADMIN.DELETE_SQ, cdw10: 2 });
    rig.run({
      opcode: ADMIN.CREATE_SQ,
      prp1: 0x1_2000n,
      cdw10: 0xf_0002,
      cdw11: CREATE_SQ_CDW11.encode({ PC: 1, CQID: 1 }),
    });
    for (const queue of [1, 2, 1, 2]) rig.put({ ...FLUSH, cid: queue }, queue);
    for (const queue of [1, 2]) rig.ring(queue);
    rig.clock.advance(LATE);
    const taken = [1, 2, 3, 4].map(() => rig.take(1)!);

    expect(taken.map(({ of, cid }) => [of, cid]).toSorted()).toEqual([
      [1, 1],
      [1, 1],
      [2, 2],
      [2, 2],
    ]);
    expect(rig.take(1)).toBeNull();
  });

  test('wait for room in their completion queue', () => {
    const rig = new NvmeRig({ pace: ANY_ORDER }).enable().makePair(1, 2);
    flushes(rig, 1);
    flushes(rig, 1);
    rig.clock.advance(LATE);
    const first = rig.take(1);
    rig.clock.advance(LATE);

    expect([first!.status, rig.take(1)!.status, rig.take(1)]).toEqual([0, 0, null]);
  });

  test('are forgotten with their queue, and by a reset', () => {
    const rig = slow();
    flushes(rig);
    rig.run({ opcode: ADMIN.DELETE_SQ, cdw10: 1 });
    rig.clock.advance(LATE);

    expect(ended(rig)).toEqual([]);
  });
});

describe('a command that waits', () => {
  const abort = (rig: NvmeRig, cid: number) => {
    rig.put({ opcode: ADMIN.ABORT, cdw10: ((cid << 16) | 1) >>> 0 });
    rig.ring();
    return rig.take()!;
  };

  test('is aborted, and the others end', () => {
    const rig = slow();
    const [first, second] = flushes(rig, 2) as [number, number];
    const { result } = abort(rig, first);
    const aborted = rig.take(1)!;
    rig.clock.advance(LATE);

    expect([result, aborted.cid, aborted.status, ended(rig)]).toEqual([0, first, ABORTED, [second]]);
  });

  test('never ends if it stalls, until it is aborted', () => {
    const rig = new NvmeRig().enable().makePair(1, 8);
    rig.fn.controller.queues.pace.stall(1);
    const [stalled, next] = flushes(rig, 2) as [number, number];
    rig.clock.advance(10 ** 12);
    const others = ended(rig);
    const { result } = abort(rig, stalled);

    expect([others, result, ended(rig)]).toEqual([[next], 0, [stalled]]);
  });

  test('is not aborted twice', () => {
    const rig = slow();
    const [cid] = flushes(rig, 1) as [number];

    expect([abort(rig, cid).result, abort(rig, cid).result]).toEqual([0, 1]);
  });
});

describe('interrupts', () => {
  test('that are merged come once for many completions', () => {
    const coalesce = { interrupts: 100, within: 2 * LATE };
    const rig = slow({ interrupts: { ...AT_ONCE, coalesce } });
    rig.clock.advance(10 * LATE);
    const before = rig.sent.length;
    flushes(rig);
    rig.clock.advance(4 * LATE);

    expect(rig.sent.slice(before).map(({ data }) => data)).toEqual([1]);
  });

  test('are lost one at a time', () => {
    const rig = new NvmeRig().withMessages().enable().makePair(1, 8, 1);
    const before = rig.sent.length;
    rig.fn.controller.queues.pace.lose();
    flushes(rig, 1);
    const lost = rig.sent.length - before;
    flushes(rig, 1);

    expect([lost, rig.sent.length - before]).toEqual([0, 1]);
  });
});
