import { expect, test, vi } from 'vitest';
import { ANY_LAYOUT, CONTROL, REQUEST, ScsiRig, TEST_UNIT_READY } from './scsi-rig.ts';

const MILLISECOND = 1_000_000;
const SYNCHRONIZE_CACHE = '35 00 00000000 00 0000 00';
const QUERY_TASK = 6;
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
