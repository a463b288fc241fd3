import { expect, test, vi } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { ANY_LAYOUT, CONTROL, REQUEST, ScsiRig, TEST_UNIT_READY } from './scsi-rig.ts';

const MILLISECOND = 1_000_000;
const SYNCHRONIZE_CACHE = '35 00 00000000 00 0000 00';
const QUERY_TASK = 6;
const LOGICAL_UNIT_RESET = 5;
const GOOD = { response: 0, status: 0, sense: '', residual: 0 };

test('of many flushes the budget allows some, and the rest come later, in order', () => {
  // A flush counts as 4 MiB, or 65,536 units of 1,048,576.
  const rig = new ScsiRig({ ringSize: 64 }).start(ANY_LAYOUT);
  const flushed = vi.spyOn(rig.medium, 'flush');
  const heads = Array.from({ length: 20 }, () => rig.put({ cdb: SYNCHRONIZE_CACHE }));
  rig.kick(REQUEST);
  const first = flushed.mock.calls.length;
  rig.clock.advance(MILLISECOND);
  expect([first, flushed.mock.calls.length]).toEqual([16, 20]);
  expect(rig.guests[REQUEST]!.take().map(([head]) => head)).toEqual(heads);
  expect(heads.map((head) => rig.answer(head))).toEqual(heads.map(() => GOOD));
});

/** UNMAP of 50 MiB at 0, and of 50 MiB at 512 MiB. */
const UNMAP = '42 00 00 00 00 00 00 0028 00';
const EXTENTS = hex(
  '0026 0020 00000000 0000000000000000 00019000 00000000 0000000000100000 00019000 00000000',
);
const MIB = 1 << 20;

function unmapping() {
  const medium = new MemoryMedium(1024 * MIB);
  const unmap = vi.spyOn(medium, 'unmap');
  const rig = new ScsiRig().start(ANY_LAYOUT);
  rig.device.addDisk(2, 0, medium).takeAttention();
  const ask = { cdb: UNMAP, out: EXTENTS, lun: '01 02 40 00' };
  return { rig, ask, calls: () => unmap.mock.calls.map(([at, length]) => [at / MIB, length / MIB]) };
}

test('an UNMAP goes on as the budget allows, and is answered when it is done', () => {
  const { rig, ask, calls } = unmapping();
  const heads = [rig.put(ask), rig.put({ cdb: TEST_UNIT_READY })];

  rig.kick(REQUEST);
  const first = [calls(), rig.guests[REQUEST]!.usedIdx];
  for (let i = 0; i < 4; i++) rig.clock.advance(MILLISECOND);

  expect(first).toEqual([[[0, 32]], 0]);
  expect(calls()).toEqual([
    [0, 32],
    [32, 18],
    [512, 14],
    [526, 32],
    [558, 4],
  ]);
  expect(heads.map((head) => rig.answer(head))).toEqual([GOOD, GOOD]);
});

test('many small ones go together as far as the budget allows', () => {
  const { rig, ask, calls } = unmapping();
  const small = EXTENTS.slice();
  small.set(hex('00008000'), 16);
  small.set(hex('00000000'), 32);

  for (let i = 0; i < 5; i++) rig.put({ ...ask, out: small });
  rig.kick(REQUEST);

  expect(calls()).toEqual([
    [0, 16],
    [0, 16],
  ]);
});

test('an UNMAP that is aborted midway goes no further, and the next begins at its beginning', () => {
  const { rig, ask, calls } = unmapping();
  rig.put(ask);
  rig.kick(REQUEST);

  rig.manage(LOGICAL_UNIT_RESET, '01 02 40 00');
  rig.device.targets.get(2)!.units.get(0)!.takeAttention();
  rig.put(ask);
  rig.kick(REQUEST);

  expect(calls()).toEqual([
    [0, 32],
    [0, 32],
  ]);
});

test('a unit attention meanwhile is for the next command', () => {
  const { rig, ask, calls } = unmapping();
  const heads = [rig.put(ask), rig.put({ cdb: TEST_UNIT_READY, lun: ask.lun })];
  rig.kick(REQUEST);

  rig.device.capacityChanged(2, 0);
  rig.clock.advance(10 * MILLISECOND);

  expect([calls().length, ...heads.map((head) => rig.answer(head).sense)]).toEqual([5, '', '6/2a/9']);
});

test('requests due while the device cannot answer are answered after a kick, up to the budget', () => {
  const rig = new ScsiRig({ ringSize: 64, latency: 50_000 }).start(ANY_LAYOUT);
  const flushed = vi.spyOn(rig.medium, 'flush');
  for (let i = 0; i < 20; i++) rig.put({ cdb: SYNCHRONIZE_CACHE });
  const seen = [];
  rig.kick(REQUEST);
  rig.command(0x0003);
  rig.clock.advance(50_000);
  seen.push(flushed.mock.calls.length);
  rig.command(0x0007);
  rig.kick(REQUEST);
  seen.push(flushed.mock.calls.length);
  rig.clock.advance(MILLISECOND);
  expect([...seen, flushed.mock.calls.length]).toEqual([0, 16, 20]);
});

test('requests that wait for the budget are forgotten by a reset', () => {
  const rig = new ScsiRig({ ringSize: 64 }).start(ANY_LAYOUT);
  const flushed = vi.spyOn(rig.medium, 'flush');
  for (let i = 0; i < 20; i++) rig.put({ cdb: SYNCHRONIZE_CACHE });
  rig.kick(REQUEST);
  rig.out(0x12, 0, 1);
  rig.start(ANY_LAYOUT);
  rig.clock.advance(MILLISECOND);
  expect([flushed.mock.calls.length, rig.guests[REQUEST]!.usedIdx]).toEqual([16, 0]);
});

test('requests are taken up to the limit in flight, and further ones when some are answered', () => {
  // Each of 250 buffers; the device holds 262,144 at a time, which is 1049 of these.
  const rig = new ScsiRig({ ringSize: 256, latency: 50_000_000 }).start(ANY_LAYOUT);
  const guest = rig.guests[REQUEST]!;
  const at = guest.place(rig.header({ cdb: TEST_UNIT_READY }));
  guest.describe(0, at, 51, 1, 1);
  for (let i = 1; i < 250; i++) guest.describe(i, 0x30_0000, 200, i === 249 ? 2 : 3, i + 1);
  const taken = vi.fn();
  rig.device.events!.requested = taken;
  // The same chain again and again, even while the device has it.
  for (let i = 0; i < 1200; i++) {
    guest.offer(0);
    if (i % 200 === 199) rig.kick(REQUEST);
  }
  const seen = [taken.mock.calls.length];
  rig.clock.advance(10 * MILLISECOND);
  seen.push(taken.mock.calls.length);
  rig.clock.advance(100 * MILLISECOND);
  expect([...seen, taken.mock.calls.length, guest.usedIdx]).toEqual([1049, 1049, 1200, 1200]);
});

test('task management functions are executed as the budget allows', () => {
  // Each counts as 4096 units, and its chain as 32.
  const rig = new ScsiRig({ ringSize: 256 }).start(ANY_LAYOUT);
  const guest = rig.guests[CONTROL]!;
  const bytes = new Uint8Array(24);
  bytes[4] = QUERY_TASK;
  bytes.set([1, 1, 0x40, 0], 8);
  guest.describe(0, guest.place(bytes), 24, 1, 1);
  guest.describe(1, guest.place(1), 1, 2);
  for (let i = 0; i < 256; i++) guest.offer(0);
  rig.kick(CONTROL);
  const first = guest.usedIdx;
  rig.clock.advance(MILLISECOND);
  expect([first, guest.usedIdx]).toEqual([255, 256]);
});
