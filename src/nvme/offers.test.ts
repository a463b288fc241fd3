import { describe, expect, test } from 'vitest';
import { compose } from '../core/compose.ts';
import { MemoryMedium } from '../media/memory.ts';
import { Arbiter } from './arbiter.ts';
import { NVME_EVENTS, type NvmeEvents } from './events.ts';
import { DATA, LIST, NvmeRig } from './nvme-rig.ts';
import { CompletionQueue, SubmissionQueue } from './queues.ts';
import * as reg from './registers/bar0.ts';
import { ADMIN, CREATE_SQ_CDW11, FEATURE, FLAGS, NVM, STATUS } from './registers/commands.ts';
import { identify_controller } from './registers/identify.ts';

const NONE = { reservations: false, sgl: false, weighted: false, fused: false };
const ALL = { reservations: true, sgl: true, weighted: true, fused: true };
const SGL = FLAGS.encode({ PSDT: 1 });
/** Types of SGL descriptors. */
const [BLOCK, BUCKET, SEGMENT, LAST] = [0x00, 0x10, 0x20, 0x30];

function identified(offers: typeof NONE) {
  const rig = new NvmeRig({ offers }).enable();
  rig.run({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
  const { oncs, fuses, sgls } = identify_controller.decode(rig.bytes, DATA);
  return [oncs & 0x20, fuses, sgls, reg.CAP.decode(rig.read(reg.CAP)).AMS];
}

test('a controller says what it offers', () => {
  expect([identified(NONE), identified(ALL)]).toEqual([
    [0, 0, 0, 0],
    [0x20, 1, 0x1_0001, 1],
  ]);
});

describe('scatter-gather lists', () => {
  const sglRig = () => {
    const medium = MemoryMedium.from(Uint8Array.from({ length: 1 << 16 }, (_, i) => i * 3 + (i >> 9)));
    return new NvmeRig({ offers: { ...NONE, sgl: true } }, medium).enable().makePair();
  };
  const descriptor = (address: number, length: number, type: number): [bigint, bigint] => [
    BigInt(address),
    BigInt(length) | (BigInt(type) << 56n),
  ];
  /** A read of so many blocks whose first descriptor is this. */
  const read = (rig: NvmeRig, [prp1, prp2]: [bigint, bigint], blocks = 2) =>
    rig.run({ opcode: NVM.READ, nsid: 1, flags: SGL, prp1, prp2, cdw12: blocks - 1 }, 1);
  const put = (rig: NvmeRig, at: number, ...descriptors: readonly [bigint, bigint][]) => {
    for (const [i, [low, high]] of descriptors.entries()) {
      rig.view.setBigUint64(at + 16 * i, low, true);
      rig.view.setBigUint64(at + 16 * i + 8, high, true);
    }
  };
  const disk = (from: number, to: number) =>
    Uint8Array.from({ length: to - from }, (_, i) => (i + from) * 3 + ((i + from) >> 9));

  test('describe data by one block, at any address', () => {
    const rig = sglRig();
    const status = read(rig, descriptor(DATA + 1, 1024, BLOCK));

    expect([status, rig.bytes.slice(DATA + 1, DATA + 1025)]).toEqual([0, disk(0, 1024)]);
  });

  test('lead through segments to the last one, and past what is thrown away', () => {
    const rig = sglRig();
    put(rig, LIST, descriptor(DATA, 100, BLOCK), descriptor(LIST + 0x100, 32, LAST));
    put(rig, LIST + 0x100, descriptor(0, 412, BUCKET), descriptor(DATA + 0x1000, 512, BLOCK));
    const status = read(rig, descriptor(LIST, 32, SEGMENT));

    expect([
      status,
      rig.bytes.slice(DATA, DATA + 100),
      rig.bytes.slice(DATA + 0x1000, DATA + 0x1200),
    ]).toEqual([0, disk(0, 100), disk(512, 1024)]);
  });

  test.each([
    ['a block that is too short', descriptor(DATA, 1000, BLOCK), STATUS.SGL_LENGTH_INVALID],
    ['a block that is too long', descriptor(DATA, 1025, BLOCK), STATUS.SGL_LENGTH_INVALID],
    ['an unknown type', descriptor(DATA, 1024, 0x40), STATUS.SGL_TYPE_INVALID],
    ['a segment of no whole descriptors', descriptor(LIST, 24, SEGMENT), STATUS.SGL_SEGMENT_INVALID],
    ['a segment of nothing', descriptor(LIST, 0, LAST), STATUS.SGL_SEGMENT_INVALID],
    ['a block that is no RAM', descriptor(0x7000_0000, 1024, BLOCK), STATUS.DATA_TRANSFER_ERROR],
  ] as const)('refuse %s', (_, first, status) => {
    expect(read(sglRig(), [...first])).toBe(status);
  });

  test('refuse a segment behind the last', () => {
    const rig = sglRig();
    put(rig, LIST, descriptor(LIST + 0x100, 16, SEGMENT));

    expect(read(rig, descriptor(LIST, 16, LAST))).toBe(STATUS.SGL_SEGMENT_INVALID);
  });

  test('that lead round for ever end', () => {
    const rig = sglRig();
    put(rig, LIST, descriptor(LIST, 16, SEGMENT));

    expect(read(rig, descriptor(LIST, 16, SEGMENT))).toBe(STATUS.SGL_COUNT_INVALID);
  });

  test('are refused by the admin queue, and where they are not offered', () => {
    const rig = sglRig();
    const admin = rig.run({ opcode: ADMIN.IDENTIFY, flags: SGL, cdw10: 1 });

    expect([admin, read(new NvmeRig().enable().makePair(), descriptor(DATA, 1024, BLOCK))]).toEqual([
      STATUS.INVALID_FIELD,
      STATUS.INVALID_FIELD,
    ]);
  });
});

describe('fused commands', () => {
  const [FIRST, SECOND] = [1, 2];
  const NEW = DATA + 0x1000;
  /** Compares with what is at DATA, and writes what is at NEW. */
  function compareAndWrite(differs: boolean, more: object = {}) {
    const rig = new NvmeRig({ offers: { ...NONE, fused: true } }).enable().makePair();
    rig.bytes[NEW] = 0x5a;
    rig.bytes[DATA] = differs ? 1 : 0;
    rig.put({ opcode: NVM.COMPARE, nsid: 1, flags: FIRST }, 1);
    rig.put({ opcode: NVM.WRITE, nsid: 1, flags: SECOND, prp1: BigInt(NEW), ...more }, 1);
    rig.ring(1);
    const statuses = [rig.take(1)!.status, rig.take(1)!.status];
    const block = new Uint8Array(1);
    rig.fn.controller.namespaces[1]!.medium.read(0, block, 0, 1);
    return [...statuses, block[0]];
  }

  test('write what is compared, and nothing where it differs', () => {
    expect([compareAndWrite(false), compareAndWrite(true)]).toEqual([
      [0, 0, 0x5a],
      [STATUS.COMPARE_FAILURE, STATUS.FUSED_FAILED, 0],
    ]);
  });

  test('of other blocks, or another kind, are refused', () => {
    const refused = [STATUS.INVALID_FIELD, STATUS.INVALID_FIELD, 0];

    expect([compareAndWrite(false, { cdw10: 1 }), compareAndWrite(false, { opcode: NVM.READ })]).toEqual([
      refused,
      refused,
    ]);
  });

  test('that are alone are aborted, and what is beside them is carried out', () => {
    const rig = new NvmeRig({ offers: { ...NONE, fused: true } }).enable().makePair();
    const second = rig.run({ opcode: NVM.WRITE, nsid: 1, flags: SECOND }, 1);
    const first = rig.run({ opcode: NVM.COMPARE, nsid: 1, flags: FIRST }, 1);
    rig.put({ opcode: NVM.COMPARE, nsid: 1, flags: FIRST }, 1);
    rig.put({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.ring(1);

    expect([second, first, rig.take(1)!.status, rig.take(1)!.status]).toEqual([
      STATUS.FUSED_MISSING,
      STATUS.FUSED_MISSING,
      STATUS.FUSED_MISSING,
      0,
    ]);
  });
});

test('a pair behind a second that is alone is carried out', () => {
  const rig = new NvmeRig({ offers: { ...NONE, fused: true } }).enable().makePair();
  for (const [opcode, flags] of [
    [NVM.WRITE, 2],
    [NVM.COMPARE, 1],
    [NVM.WRITE, 2],
  ] as const)
    rig.put({ opcode, nsid: 1, flags }, 1);
  rig.ring(1);

  expect([1, 2, 3].map(() => rig.take(1)!.status)).toEqual([STATUS.FUSED_MISSING, 0, 0]);
});

test('FUSE has no value of 3', () => {
  const rig = new NvmeRig({ offers: { ...NONE, fused: true } }).enable().makePair();
  const alone = rig.run({ opcode: NVM.READ, nsid: 1, flags: 3 }, 1);
  rig.put({ opcode: NVM.COMPARE, nsid: 1, flags: 1 }, 1);
  rig.put({ opcode: NVM.WRITE, nsid: 1, flags: 3 }, 1);
  rig.ring(1);

  expect([alone, rig.take(1)!.status, rig.take(1)!.status]).toEqual([
    STATUS.INVALID_FIELD,
    STATUS.FUSED_MISSING,
    STATUS.INVALID_FIELD,
  ]);
});

describe('weighted round robin', () => {
  const WEIGHTED = 0x0046_0801;
  const [URGENT, HIGH, MEDIUM, LOW] = [0, 1, 2, 3];

  test('takes urgent commands first, and others by the weights of their classes', () => {
    const offers = { ...NONE, weighted: true };
    const rig = new NvmeRig({ offers, queues: 4, vectors: 5, latency: 1000 }).enable(8, WEIGHTED);
    const ask = (fields: object) => {
      rig.put(fields);
      rig.ring();
      rig.clock.advance(1000);
      return rig.take();
    };
    // Bursts of one; of the class high two, of the others one.
    ask({ opcode: ADMIN.SET_FEATURES, cdw10: FEATURE.ARBITRATION, cdw11: 0x0100_0000 });
    const order: number[] = [];
    for (const [id, priority] of [LOW, MEDIUM, HIGH, URGENT].map((one, i) => [i + 1, one] as const)) {
      const place = { cdw10: 0x7_0000 | id };
      rig.adopt(id, 8);
      ask({ opcode: ADMIN.CREATE_CQ, prp1: BigInt(0x2_0000 + id * 0x1000), ...place, cdw11: 1 });
      const cdw11 = CREATE_SQ_CDW11.encode({ PC: 1, QPRIO: priority, CQID: id });
      ask({ opcode: ADMIN.CREATE_SQ, prp1: BigInt(0x1_0000 + id * 0x1000), ...place, cdw11 });
      for (let i = 0; i < 3; i++) rig.put({ opcode: NVM.FLUSH, nsid: 1 }, id);
    }
    rig.fn.controller.events = compose<NvmeEvents>(NVME_EVENTS, [
      { commanded: (queue) => void order.push(queue) },
    ]);
    for (const id of [1, 2, 3, 4]) rig.ring(id);
    rig.clock.advance(1000);

    expect(order).toEqual([4, 4, 4, 3, 3, 2, 1, 3, 2, 1, 2, 1]);
  });

  /** The next so many that an arbiter with these queues takes; each has commands for ever. */
  const taken = (arbiter: Arbiter, queues: readonly [id: number, priority: number][], count: number) => {
    const all = queues.map(([id, priority]) => {
      const place = { id, address: 0, size: 8 };
      const queue = new SubmissionQueue(place, new CompletionQueue(place, 0), priority);
      queue.tail = 1;
      return queue;
    });
    return Array.from({ length: count }, () => arbiter.next(all, 0)!.id);
  };

  test('gives each queue of a class its turn, whatever other classes do', () => {
    const queues = [
      [2, HIGH],
      [3, HIGH],
      [5, LOW],
    ] as [number, number][];

    expect(taken(new Arbiter(), queues, 8)).toEqual([2, 5, 3, 5, 2, 5, 3, 5]);
  });

  test('begins anew once the controller is reset', () => {
    const arbiter = new Arbiter();
    const queues = [
      [2, HIGH],
      [3, HIGH],
      [5, LOW],
    ] as [number, number][];
    const before = taken(arbiter, queues, 3);
    arbiter.reset();

    expect([before, taken(arbiter, queues, 3)]).toEqual([
      [2, 5, 3],
      [2, 5, 3],
    ]);
  });

  test('is no way to start where it is not offered', () => {
    const rig = new NvmeRig().enable(8, WEIGHTED);

    expect(rig.read(reg.CSTS)).toBe(2);
  });
});
