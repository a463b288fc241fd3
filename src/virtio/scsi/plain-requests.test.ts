import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { PlainRequests } from './plain-requests.ts';
import { ANY_LAYOUT, READ_BLOCK_0, REQUEST, ScsiRig, WRITE_BLOCK_0 } from './scsi-rig.ts';

const BLOCKS = 64;
/** Where the rig has buffers of requests. */
const BUFFERS = 0x28_0000;
/** Of a disk that fails from here on. */
const WORN = 48 * 512;

class WornMedium extends MemoryMedium {
  readonly calls: string[] = [];

  override read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    this.calls.push(`read ${offset} ${length}`);
    return offset + length <= WORN && super.read(offset, into, at, length);
  }

  override write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    this.calls.push(`write ${offset} ${length}`);
    return offset + length <= WORN && super.write(offset, from, at, length);
  }
}

const digest = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex');

interface Asked {
  readonly cdb: string;
  readonly lun: string;
  readonly id: bigint;
  readonly tagging?: string;
  /** Of the data that goes out, and of the room for what comes in: what each buffer has. */
  readonly out: readonly number[];
  readonly room: readonly number[];
  /** Bytes of the buffer with the response. */
  readonly answer?: number;
}

/** Where commands are heard of, they go the general way. */
function rigOf(heard: boolean, judged = false): ScsiRig {
  const rig = new ScsiRig({ ringSize: 256 });
  if (!judged) rig.device.watchedBy(null);
  rig.device.addDisk(2, 1, new MemoryMedium(BLOCKS * 512));
  rig.device.addDisk(2, 0, new WornMedium(BLOCKS * 512));
  rig.device.hearAttentions();
  rig.device.addDisk(3, 0, new MemoryMedium(BLOCKS * 512));
  if (heard) rig.device.onCommand = () => {};
  return rig.start(ANY_LAYOUT);
}

/** All that the guest and the disks hold after kicks with so many requests each. */
function played(kicks: readonly (readonly Asked[])[], heard: boolean, rig = rigOf(heard)) {
  const guest = rig.guests[REQUEST]!;
  for (const kick of kicks) {
    for (const { out, room, answer = 108, ...ask } of kick) {
      const sent = out.map((length, i) => new Uint8Array(length).fill(i + 1 + Number(ask.id)));
      guest.offer(guest.chain(rig.header(ask), ...sent, answer, ...room));
    }
    rig.kick(REQUEST);
  }
  const disks = [...rig.device.targets.values()].map(({ units }) => {
    const bytes = new Uint8Array(WORN);
    const { medium } = units.get(0)!;
    const calls = medium instanceof WornMedium ? [...medium.calls] : [];
    medium.read(0, bytes, 0, WORN);
    return [digest(bytes), calls];
  });
  return { used: guest.take(), ram: digest(guest.bytes.subarray(BUFFERS, BUFFERS + 0x4_0000)), disks };
}

/** What a judge says of them. */
function judged(kicks: readonly (readonly Asked[])[], heard: boolean) {
  const rig = rigOf(heard, true);
  played(kicks, heard, rig);
  return [rig.journal.readFindings(), rig.journal.readAll()];
}

const u32 = (value: number) => value.toString(16).padStart(8, '0');
const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: odd });
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

test('any requests end as they do where somebody hears of them', () => {
  const kicks = fc.array(fc.array(asked, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(kicks, (some) => {
      expect(played(some, false)).toEqual(played(some, true));
    }),
    { numRuns: 60 },
  );
});

test('a judge says of them what it says where somebody hears of them', () => {
  const kicks = fc.array(fc.array(asked, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(kicks, (some) => {
      expect(judged(some, false)).toEqual(judged(some, true));
    }),
    { numRuns: 60 },
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
])('a judge says of %s what it says where somebody hears of it', (_what, kick) => {
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

test.each([
  [READ_BLOCK_0, [], [256, 256], 'read 0 512'],
  [WRITE_BLOCK_0, [256, 256], [], 'write 0 512'],
])('a disk whose calls are costly is asked once for several buffers: %s', (cdb, out, room, call) => {
  class CostlyMedium extends WornMedium {
    readonly isCostly = true;
  }
  const rig = new ScsiRig({ ringSize: 256 });
  const medium = new CostlyMedium(BLOCKS * 512);
  rig.device.addDisk(2, 0, medium);
  rig.device.hearAttentions();
  rig.start(ANY_LAYOUT);

  played([[{ cdb, lun: '01 02 40 00', id: 1n, out, room }]], false, rig);

  expect(medium.calls[0]).toBe(call);
});
