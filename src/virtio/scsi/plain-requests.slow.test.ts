import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { PlainRequests } from './plain-requests.ts';
import { type Asked, BLOCKS, mostly, played, rigOf, u32 } from './plain-rig.ts';
import { READ_BLOCK_0, REQUEST, WRITE_BLOCK_0 } from './scsi-rig.ts';

/** What a judge says of them. */
function judged(kicks: readonly (readonly Asked[])[], heard: boolean) {
  const rig = rigOf(heard, true);
  played(kicks, heard, rig);
  return [rig.journal.readFindings(), rig.journal.readAll()];
}

const cdbs = fc
  .record({
    operation: mostly(fc.constantFrom('28', '2a', '88', '8a'), fc.constantFrom('08', '00')),
    lba: fc.nat(BLOCKS + 2),
    blocks: fc.nat(4),
    odd: mostly(fc.constant('00'), fc.constant('01')),
  })
  .map(({ operation, lba, blocks, odd }) =>
    operation.startsWith('8')
      ? `${operation}${odd}00000000${u32(lba)}${u32(blocks)}0000`
      : `${operation}${odd}${u32(lba)}00${u32(blocks).slice(4)}00`,
  );
const pieces = mostly<readonly number[]>(
  fc.constant([1024, 512, 512]),
  fc.array(fc.constantFrom(100, 512, 1024), { minLength: 1, maxLength: 6 }),
);
const asked = fc
  .record({
    cdb: cdbs,
    lun: mostly(
      fc.constantFrom('01014000', '01010000', '01024000'),
      fc.constantFrom('01034000', '01014001', '01024001', 'c1014000', '0101400000000001'),
    ),
    id: mostly(fc.bigInt({ min: 1n, max: 6n }), fc.bigInt({ min: 7n, max: 99n })),
    tagging: mostly(fc.constant('000000'), fc.constantFrom('010000', '000100', '000001')),
    data: pieces,
    answer: mostly(fc.constant(108), fc.constantFrom(107, 620)),
    both: mostly(fc.constant(false), fc.constant(true)),
  })
  .map(({ data, both, ...ask }): Asked => {
    const writes = ask.cdb.startsWith('2a') || ask.cdb.startsWith('8a');
    return { ...ask, out: writes || both ? data : [], room: !writes || both ? data : [] };
  });

test('any requests end as they do where a watch hears of them', () => {
  const kicks = fc.array(fc.array(asked, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(kicks, (some) => {
      expect(played(some, false)).toEqual(played(some, true));
    }),
    { numRuns: 20 },
  );
});

test('a judge says of them what it says where a watch hears of them', () => {
  const kicks = fc.array(fc.array(asked, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(kicks, (some) => {
      expect(judged(some, false)).toEqual(judged(some, true));
    }),
    { numRuns: 20 },
  );
});

const READ: Asked = { cdb: '28 00 00000000 00 0003 00', lun: '01014000', id: 1n, out: [], room: [512, 1024] };

test.each<[string, Asked[]]>([
  ['a READ into more pieces than seg_max', [{ ...READ, room: [512, 256, 256, 256, 256] }]],
  ['more READs than cmd_per_lun', Array.from({ length: 12 }, (_, i) => ({ ...READ, id: BigInt(i) }))],
  ['a READ with task_attr', [READ, { ...READ, id: 2n, tagging: '010000' }]],
  ['a READ with prio', [{ ...READ, tagging: '000100' }]],
  ['a READ with crn', [{ ...READ, tagging: '000001' }]],
  ['a READ of another unit', [READ, { ...READ, lun: '01024001' }]],
])('a judge says of %s what it says where a watch hears of it', (_what, kick) => {
  const found = judged([kick], false);

  expect(found).toEqual(judged([kick], true));
});

test.each([
  ['a READ of one block', READ_BLOCK_0, [], [512], 1],
  ['a WRITE of one block', WRITE_BLOCK_0, [512], [], 1],
  ['a READ of 64 bits', '88 00 0000000000000000 00000002 00 00', [], [512, 512], 1],
  ['a READ into less room', READ_BLOCK_0, [], [511], 0],
  ['a READ with DPO', '28 10 00000000 00 0001 00', [], [512], 0],
  ['TEST UNIT READY', '00 00 00 00 00 00', [], [], 0],
])('%s goes the short way, or does not', (_what, cdb, out, room, times) => {
  const finish = vi.spyOn(PlainRequests.prototype, 'finish');
  played([[{ cdb, lun: '01014000', id: 1n, out, room }]], false);
  const calls = finish.mock.calls.length;
  finish.mockRestore();

  expect(calls).toBe(times);
});

test('a request is carried out as it was taken, though another of its kick reads over it', () => {
  const rig = rigOf(false);
  const guest = rig.guests[REQUEST]!;
  rig.medium.write(0, new Uint8Array(512).fill(0xee), 0, 512);
  rig.medium.write(512, new Uint8Array(512).fill(0x77), 0, 512);
  const first = guest.chain(rig.header({ cdb: READ_BLOCK_0 }), 108, 512);
  const second = guest.chain(rig.header({ cdb: '28 00 00000001 00 0001 00' }), 108, 512);
  const over = guest.buffer(second).byteOffset;
  guest.describe((first + 2) % guest.size, over, 512, 2);
  guest.offer(first, second);
  rig.kick(REQUEST);

  expect([guest.buffer(second)[0], guest.buffer(second, 2)[0]]).toEqual([0xee, 0x77]);
});

test('a medium that fails is told of by sense', () => {
  const rig = rigOf(false);
  const guest = rig.guests[REQUEST]!;
  const head = guest.chain(rig.header({ cdb: '28 00 0000002e 00 0004 00', lun: '01 02 40 00' }), 108, 2048);
  guest.offer(head);
  rig.kick(REQUEST);
  const answer = guest.buffer(head, 1);

  expect([answer[10], answer[14], Buffer.from(answer.subarray(15, 19)), guest.take()]).toEqual([
    2,
    3,
    Buffer.from(hex('00 00 00 30')),
    [[head, 108 + 1024]],
  ]);
});
