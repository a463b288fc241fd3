import { describe, expect, test } from 'vitest';
import { GuestMemory } from '../core/memory.ts';
import { NvmeRig } from './nvme-rig.ts';
import * as reg from './registers/bar0.ts';
import { ADMIN, cqe, NVM, sqe } from './registers/commands.ts';

const SHUTDOWN = 0x0046_4001;

describe('a controller', () => {
  test('shows what older UEFIs insist on: the NVM command set alone, and pages of 4 KiB', () => {
    const rig = new NvmeRig();

    expect([rig.read(reg.CAP_UPPER), rig.read(reg.CAP), rig.read(reg.VS)]).toEqual([
      0x20, 0x0f01_0fff, 0x0001_0400,
    ]);
  });

  test('is ready some time after it is enabled, and stays so some time after it is disabled', () => {
    const rig = new NvmeRig();
    rig.write(reg.AQA, 0x0007_0007);
    rig.write(reg.CC, 0x0046_0001);
    const at = (time: number) => {
      rig.clock.advance(time);
      return rig.read(reg.CSTS);
    };
    const enabled = [at(999), at(1)];
    rig.write(reg.CC, 0x0046_0000);

    expect([...enabled, at(999), at(1)]).toEqual([0, 1, 1, 0]);
  });

  test.each([
    ['without entries of the submission queue', 0x0007_0000, 0x0046_0001],
    ['without entries of the completion queue', 0x0000_0007, 0x0046_0001],
    ['with a command set that it does not have', 0x0007_0007, 0x0046_0061],
    ['with pages of 8 KiB', 0x0007_0007, 0x0046_0081],
    ['with weighted arbitration', 0x0007_0007, 0x0046_0801],
  ])('fails %s, and is not ready', (_how, aqa, cc) => {
    const rig = new NvmeRig();
    rig.write(reg.AQA, aqa);
    rig.write(reg.CC, cc);
    rig.clock.advance(1000);

    expect(rig.read(reg.CSTS)).toBe(2);
  });

  test('has its doorbells where CAP.DSTRD says, and nothing between them', () => {
    const rig = new NvmeRig({ dstrd: 2 }).enable();
    rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
    rig.write({ offset: reg.DOORBELLS + 4 }, 1);
    const between = rig.peek();
    rig.ring();
    const there = rig.take()!.status;

    expect([rig.read(reg.CAP_UPPER), between, there]).toEqual([0x22, null, 0]);
    expect(rig.makePair().run({ opcode: NVM.FLUSH, nsid: 1 }, 1)).toBe(0);
  });

  test('keeps AQA, ASQ and ACQ over a controller reset, and nothing else', () => {
    const rig = new NvmeRig().enable();
    rig.write(reg.CC, 0x0046_0000);
    const kept = [reg.AQA, reg.ASQ, reg.ACQ, reg.CC, reg.CSTS].map((register) => rig.read(register));

    expect(kept).toEqual([0x0007_0007, 0x1_0000, 0x2_0000, 0, 1]);
  });

  test('loses all of them with power', () => {
    const rig = new NvmeRig().enable();
    rig.fn.reset('power');
    rig.set(4, 0x10, 0xfeb0_0000, 4);
    rig.set(4, 0x04, 0x0006, 2);

    expect([reg.AQA, reg.ASQ, reg.ACQ, reg.CC, reg.CSTS].map((register) => rig.read(register))).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  test('stays ready while it shuts down, takes no command then, and runs again after a reset', () => {
    const rig = new NvmeRig().enable();
    rig.write(reg.CC, SHUTDOWN);
    const during = rig.read(reg.CSTS);
    rig.clock.advance(1000);
    const done = rig.read(reg.CSTS);
    rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
    rig.ring();
    const answer = rig.take();
    rig.write(reg.CC, 0);
    rig.clock.advance(1000);
    rig.enable();

    expect([during, done, answer, rig.run({ opcode: ADMIN.IDENTIFY, cdw10: 1 })]).toEqual([5, 9, null, 0]);
  });

  test('that is enabled again before it has stopped becomes ready once more', () => {
    const rig = new NvmeRig().enable();
    rig.write(reg.CC, 0x0046_0000);
    rig.write(reg.CC, 0x0046_0001);
    rig.clock.advance(1000);
    const between = rig.read(reg.CSTS);
    rig.clock.advance(1000);

    expect([between, rig.read(reg.CSTS)]).toEqual([0, 1]);
  });

  test('whose admin queue is in no RAM has failed at the first command', () => {
    const rig = new NvmeRig();
    rig.write(reg.AQA, 0x0007_0007);
    rig.write(reg.ASQ_UPPER, 1);
    rig.write(reg.CC, 0x0046_0001);
    rig.clock.advance(1000);
    rig.doorbell(0, 1);

    expect(rig.read(reg.CSTS)).toBe(2);
  });

  test('fetches nothing while bus mastering is off', () => {
    const rig = new NvmeRig().enable();
    rig.set(4, 0x04, 0x0002, 2);
    rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
    rig.ring();
    const closed = rig.peek();
    rig.set(4, 0x04, 0x0006, 2);
    rig.ring();

    expect([closed, rig.take()!.status]).toEqual([null, 0]);
  });
});

describe('queues', () => {
  test('complete with the head behind the fetched entry, and flip the phase at each lap', () => {
    const rig = new NvmeRig().enable(2);
    const flush = () => {
      rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
      rig.ring();
      return rig.take()!.head;
    };

    expect([flush(), flush(), flush(), flush(), flush()]).toEqual([1, 0, 1, 0, 1]);
  });

  test('keep answers until there is room for them', () => {
    const rig = new NvmeRig().enable().makePair(1, 2);
    const before = rig.peek(1);
    rig.put({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.ring(1);
    const first = rig.peek(1)!;
    rig.put({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.ring(1);
    rig.take(1);

    expect([before, first.head, rig.take(1)!.head, rig.take(1)]).toEqual([null, 1, 0, null]);
  });

  test('begin with phase 1 when they are made again', () => {
    const rig = new NvmeRig().enable().makePair(1, 2);
    rig.run({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.run({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.run({ opcode: ADMIN.DELETE_SQ, cdw10: 1 });
    rig.run({ opcode: ADMIN.DELETE_CQ, cdw10: 1 });
    rig.makePair(1, 2);

    expect(rig.run({ opcode: NVM.FLUSH, nsid: 1 }, 1)).toBe(0);
  });

  test('answer once CPUs see the data', () => {
    const rig = new NvmeRig().enable();
    // What was written before is seen; what the command writes is not.
    const seen = [true, false, false];
    rig.board.memory.delay = { holds: () => !(seen.shift() ?? true) };
    rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
    rig.ring();
    const before = rig.peek();
    rig.fn.controller.resume();

    expect([before, rig.take()!.status]).toEqual([null, 0]);
  });

  test('that are served late answer then', () => {
    const rig = new NvmeRig({ latency: 5000 }).enable();
    rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
    rig.ring();
    const before = rig.peek();
    rig.clock.advance(5000);

    expect([before, rig.peek()!.status]).toEqual([null, 0]);
  });
});

describe('interrupts', () => {
  test('come by the vector of the completion queue, once for what a doorbell brought', () => {
    const rig = new NvmeRig().withMessages().enable().makePair(1, 8, 2);
    const before = rig.sent.length;
    for (let i = 0; i < 3; i++) rig.put({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.ring(1);

    expect(rig.sent.slice(before).map(({ data }) => data)).toEqual([2]);
  });

  test('of a masked vector wait in its pending bit, and come once', () => {
    const rig = new NvmeRig().withMessages().enable().makePair(1, 8, 2);
    rig.mask(2, true);
    const before = rig.sent.length;
    rig.run({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.run({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    const masked = rig.sent.length - before;
    rig.mask(2, false);

    expect([masked, rig.sent.slice(before).map(({ data }) => data)]).toEqual([0, [2]]);
  });

  test('go on with the table that a driver set up anew between admin and I/O queues, as Linux does', () => {
    const rig = new NvmeRig().withMessages().enable();
    rig.set(4, 0x40, 0, 4);
    rig.withMessages().makePair(1, 8, 1);
    const before = rig.sent.length;
    rig.run({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.run({ opcode: ADMIN.IDENTIFY, cdw10: 1 });

    expect(rig.sent.slice(before).map(({ data }) => data)).toEqual([1, 0]);
  });

  test('come by the pin without MSI-X, until all is taken or the driver masks them', () => {
    const rig = new NvmeRig().enable();
    rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
    rig.ring();
    const levels = [rig.high];
    rig.write(reg.INTMS, 1);
    levels.push(rig.high);
    rig.write(reg.INTMC, 1);
    levels.push(rig.high);
    rig.take();

    expect([...levels, rig.high]).toEqual(['d', '', 'd', '']);
  });

  test('do not come of a queue that was made without', () => {
    const rig = new NvmeRig().enable().makePair();
    rig.put({ opcode: NVM.FLUSH, nsid: 1 }, 1);
    rig.ring(1);

    expect(rig.high).toBe('');
  });
});

test('takes a command from beyond 2 GiB', () => {
  const far = 0x9000_0000;
  const rig = new NvmeRig({}, undefined, GuestMemory.of(far + 0x1_0000));
  rig.write(reg.AQA, reg.AQA.encode({ ASQS: 1, ACQS: 1 }));
  rig.write(reg.ASQ, far);
  rig.write(reg.ACQ, far + 0x1000);
  rig.write(reg.CC, 0x0046_0001);
  rig.clock.advance(1000);
  rig.bytes.set(sqe.encode({ opcode: ADMIN.IDENTIFY, cid: 7, prp1: BigInt(far + 0x2000), cdw10: 1 }), far);

  rig.doorbell(0, 1);

  const completion = cqe.decode(rig.bytes, far + 0x1000);
  expect(completion).toMatchObject({ cid: 7, status: 1 });
});

test('that fails while it starts stays so', () => {
  const rig = new NvmeRig();
  rig.write(reg.AQA, 0x0007_0007);
  rig.write(reg.CC, 0x0046_0001);

  rig.fn.controller.fail();
  rig.clock.advance(5000);

  expect(rig.read(reg.CSTS)).toBe(2);
});

test('an answer that waits for room in one queue holds no other up', () => {
  const rig = new NvmeRig().enable(2).makePair();
  rig.put({ opcode: ADMIN.ASYNC_EVENT_REQUEST, cid: 9 });
  rig.ring();
  // Its own answer fills the queue.
  rig.put({ opcode: ADMIN.ABORT, cdw10: 9 << 16 });
  rig.ring();

  expect(rig.run({ opcode: NVM.FLUSH, nsid: 1 }, 1)).toBe(0);
});

test('an answer that lacked the bus alone goes out with the next command', () => {
  const rig = new NvmeRig().enable(2);
  rig.put({ opcode: ADMIN.ASYNC_EVENT_REQUEST, cid: 9 });
  rig.ring();
  rig.put({ opcode: ADMIN.ABORT, cdw10: 9 << 16 });
  rig.ring();
  rig.set(4, 0x04, 0x0002, 2);
  rig.take();
  rig.set(4, 0x04, 0x0006, 2);

  rig.put({ opcode: ADMIN.IDENTIFY, cdw10: 1 });
  rig.ring();

  expect(rig.take()).toMatchObject({ cid: 9, status: 0x007 });
});
