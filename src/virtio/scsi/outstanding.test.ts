import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, HOTPLUG, READ_BLOCK_0, REQUEST, ScsiRig, TEST_UNIT_READY } from './scsi-rig.ts';

const LATENCY = 50_000;
const slow = () => new ScsiRig({ latency: LATENCY }).start(ANY_LAYOUT, HOTPLUG);
const GOOD = { response: 0, status: 0, sense: '', residual: 0 };
const OVERLAPPED = { ...GOOD, status: 2, sense: 'b/4e/0' };

/** Puts requests with these ids into one kick; returns their answers. */
function together(rig: ScsiRig, ...ids: readonly bigint[]) {
  const heads = ids.map((id) => rig.put({ cdb: TEST_UNIT_READY, id }));
  rig.kick(REQUEST);
  rig.clock.advance(LATENCY);
  return heads.map((head) => rig.answer(head));
}

describe('an id that is in use', () => {
  test('ends the second of one kick with CHECK CONDITION, overlapped commands, and the second only', () => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    const answers = together(rig, 7n, 7n, 8n);
    expect([answers, rig.said]).toEqual([
      [GOOD, OVERLAPPED, GOOD],
      ['IMP-5: id 0000000000000007 is in use by another request to target 1 LUN 0'],
    ]);
  });

  test('ends all that wait at a disk with all commands, of this initiator', () => {
    const rig = slow();
    rig.device.addDisk(2, 0, new MemoryMedium(512), { commands: 'all' }).takeAttention();
    const heads = [7n, 8n, 7n].map((id) => rig.put({ cdb: TEST_UNIT_READY, id, lun: '01 02 40 00' }));
    const elsewhere = rig.put({ cdb: TEST_UNIT_READY, id: 8n });
    rig.kick(REQUEST);
    rig.clock.advance(LATENCY);
    const ABORTED = { ...GOOD, response: 2 };
    expect([...heads, elsewhere].map((head) => rig.answer(head))).toEqual([
      ABORTED,
      ABORTED,
      OVERLAPPED,
      GOOD,
    ]);
  });

  test('ends every further one', () => {
    expect(together(new ScsiRig().start(ANY_LAYOUT), 7n, 7n, 7n)).toEqual([GOOD, OVERLAPPED, OVERLAPPED]);
  });

  test('does not execute the second', () => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    rig.put({ cdb: TEST_UNIT_READY, id: 7n });
    const head = rig.put({ cdb: READ_BLOCK_0, id: 7n, room: 512 });
    rig.kick(REQUEST);
    expect([rig.answer(head), rig.data(head)[0]]).toEqual([{ ...OVERLAPPED, residual: 512 }, 0xdb]);
  });

  test.each([
    ['the low word', 7n, 8n],
    ['the high word', 7n, 7n + 2n ** 32n],
    ['a multiple of 1024, as the quick test has it', 7n, 7n + 1024n],
    ['the highest bit', 0n, 2n ** 63n],
  ])('is another if it differs by %s', (_what, one, other) => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    expect([together(rig, one, other), rig.said]).toEqual([[GOOD, GOOD], []]);
  });

  test('is free again for another kick, once its request has been answered', () => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    expect([together(rig, 7n), together(rig, 7n), rig.said]).toEqual([[GOOD], [GOOD], []]);
  });

  test('overlaps over several kicks, as long as the first is not answered', () => {
    const rig = slow();
    rig.put({ cdb: TEST_UNIT_READY, id: 7n });
    rig.kick(REQUEST);
    rig.clock.advance(LATENCY - 1);
    const second = rig.put({ cdb: TEST_UNIT_READY, id: 7n });
    rig.kick(REQUEST);
    rig.clock.advance(LATENCY);
    expect(rig.answer(second)).toEqual(OVERLAPPED);
  });

  test('applies to one logical unit: another may use the same id', () => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    rig.device.addDisk(2, 0, new MemoryMedium(512)).takeAttention();
    const heads = ['01 01 40 00', '01 02 40 00', '01 01 40 05'].map((lun) =>
      rig.put({ cdb: TEST_UNIT_READY, id: 7n, lun }),
    );
    rig.kick(REQUEST);
    expect([heads.map((head) => rig.answer(head).sense), rig.said]).toEqual([['', '', '5/25/0'], []]);
  });

  test('of an invalid request is free', () => {
    const rig = new ScsiRig().start(ANY_LAYOUT);
    rig.put({ cdb: TEST_UNIT_READY, id: 7n, lun: 'c1 00 00 00' });
    const head = rig.put({ cdb: TEST_UNIT_READY, id: 7n });
    rig.kick(REQUEST);
    expect(rig.answer(head)).toEqual(GOOD);
  });
});

describe('more requests than cmd_per_lun', () => {
  test.each([
    [8, 0],
    [9, 1],
  ])('%i of 8 outstanding to one unit', (count, findings) => {
    const rig = slow();
    for (let i = 0; i < count; i++) rig.put({ cdb: TEST_UNIT_READY });
    rig.kick(REQUEST);
    expect(rig.journal.count('virtio/SCSI-CFG-D2')).toBe(findings);
  });

  test('may be outstanding to several units together', () => {
    const rig = new ScsiRig({ latency: LATENCY, ringSize: 64 }).start(ANY_LAYOUT);
    rig.device.addDisk(2, 0, new MemoryMedium(512));
    for (let i = 0; i < 16; i++) {
      rig.put({ cdb: TEST_UNIT_READY, lun: ['01 01 40 00', '01 02 40 00'][i % 2]! });
      rig.kick(REQUEST);
    }
    expect(rig.said).toEqual([]);
  });
});

describe('latency', () => {
  test('is exact: nothing happens before, everything then', () => {
    const rig = slow();
    const head = rig.put({ cdb: TEST_UNIT_READY });
    rig.kick(REQUEST);
    rig.clock.advance(LATENCY - 1);
    const early = [rig.guests[REQUEST]!.take(), rig.intx];
    rig.clock.advance(1);
    expect([early, rig.guests[REQUEST]!.take(), rig.intx]).toEqual([[[], false], [[head, 108]], true]);
  });

  test('is measured from each kick, with answers in the order of the kicks', () => {
    const rig = slow();
    const first = [rig.put({ cdb: TEST_UNIT_READY }), rig.put({ cdb: TEST_UNIT_READY })];
    rig.kick(REQUEST);
    rig.clock.advance(LATENCY / 2);
    const second = rig.put({ cdb: TEST_UNIT_READY });
    rig.kick(REQUEST);
    rig.clock.advance(LATENCY / 2);
    const then = rig.guests[REQUEST]!.take().map(([head]) => head);
    rig.clock.advance(LATENCY / 2);
    expect([then, rig.guests[REQUEST]!.take().map(([head]) => head)]).toEqual([first, [second]]);
  });

  test('delays reads and writes to the end, when the request is executed', () => {
    const rig = slow();
    const head = rig.put({ cdb: READ_BLOCK_0, room: 512 });
    rig.kick(REQUEST);
    rig.medium.write(0, Uint8Array.of(0x77), 0, 1);
    const before = rig.data(head)[0];
    rig.clock.advance(LATENCY);
    expect([before, rig.data(head)[0]]).toEqual([0xdb, 0x77]);
  });

  test('ends with a reset: pending requests are dropped, and their memory is not changed', () => {
    const rig = slow();
    const head = rig.put({ cdb: READ_BLOCK_0, room: 512 });
    rig.kick(REQUEST);
    rig.out(0x12, 0, 1);
    rig.clock.advance(2 * LATENCY);
    expect([rig.data(head)[0], rig.guests[REQUEST]!.usedIdx, rig.intx]).toEqual([0xdb, 0, false]);
  });

  test('does not keep an id in use after a reset', () => {
    const rig = slow();
    rig.put({ cdb: TEST_UNIT_READY, id: 7n });
    rig.kick(REQUEST);
    rig.start(ANY_LAYOUT);
    expect(together(rig, 7n)).toEqual([GOOD]);
  });

  test('does not access memory while bus mastering is off: due requests wait for the next kick', () => {
    const rig = slow();
    const head = rig.put({ cdb: READ_BLOCK_0, room: 512 });
    rig.kick(REQUEST);
    rig.command(0x0003);
    rig.clock.advance(2 * LATENCY);
    const off = [rig.data(head)[0], rig.guests[REQUEST]!.usedIdx];
    rig.command(0x0007);
    rig.kick(REQUEST);
    expect([off, rig.answer(head), rig.guests[REQUEST]!.usedIdx]).toEqual([[0xdb, 0], GOOD, 1]);
  });
});

describe('a disk that is removed', () => {
  test('ends its outstanding requests with BAD_TARGET, at once, and no others', () => {
    const rig = slow();
    rig.device.addDisk(2, 0, new MemoryMedium(512)).takeAttention();
    const gone = rig.put({ cdb: TEST_UNIT_READY });
    const kept = rig.put({ cdb: TEST_UNIT_READY, lun: '01 02 40 00' });
    rig.kick(REQUEST);
    rig.device.removeDisk(1, 0);
    const at = rig.guests[REQUEST]!.take();
    rig.clock.advance(LATENCY);
    expect([at, rig.answer(gone), rig.answer(kept)]).toEqual([[[gone, 108]], { ...GOOD, response: 3 }, GOOD]);
  });

  test('ends them later if bus mastering is off', () => {
    const rig = slow();
    const head = rig.put({ cdb: TEST_UNIT_READY });
    rig.kick(REQUEST);
    rig.command(0x0003);
    rig.device.removeDisk(1, 0);
    const off = rig.guests[REQUEST]!.usedIdx;
    rig.command(0x0007);
    rig.clock.advance(LATENCY);
    expect([off, rig.answer(head).response]).toEqual([0, 3]);
  });
});
