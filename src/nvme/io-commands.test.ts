import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose } from '../core/compose.ts';
import { FaultyMedium } from '../media/faulty.ts';
import { MemoryMedium } from '../media/memory.ts';
import { WriteBackMedium } from '../media/write-back.ts';
import { NVME_EVENTS, type NvmeEvents } from './events.ts';
import { DATA, LIST, NvmeRig } from './nvme-rig.ts';
import { CSTS } from './registers/bar0.ts';
import { ADMIN, cqe, NVM, sqe } from './registers/commands.ts';

const DNR = 0x4000;
const PAGE = 4096;
const { READ, WRITE, FLUSH, COMPARE, WRITE_ZEROES, DATASET_MANAGEMENT, VERIFY } = NVM;
const FUA = 0x4000_0000;

const ready = (...how: ConstructorParameters<typeof NvmeRig>) => new NvmeRig(...how).enable().makePair();
/** A disk whose block n begins with n. */
function numbered(): MemoryMedium {
  const bytes = new Uint8Array(1 << 20);
  for (let block = 0; block < 2048; block++) new DataView(bytes.buffer).setUint32(block * 512, block, true);
  return MemoryMedium.from(bytes);
}

describe('what is wrong is answered by its status:', () => {
  test.each([
    ['namespace 0', { opcode: READ, nsid: 0 }, 0x00b],
    ['one beyond the highest', { opcode: READ, nsid: 5 }, 0x00b],
    ['one that is not there', { opcode: READ, nsid: 2 }, 0x002],
    ['all of them', { opcode: READ, nsid: 0xffff_ffff }, 0x00b],
    ['a block behind the last', { opcode: READ, nsid: 1, cdw10: 2048 }, 0x080],
    ['a length beyond the last block', { opcode: READ, nsid: 1, cdw10: 2047, cdw12: 1 }, 0x080],
    ['a block beyond 2^63', { opcode: READ, nsid: 1, cdw11: 0xffff_ffff }, 0x080],
    ['more than MDTS', { opcode: READ, nsid: 1, cdw12: 256 }, 0x002],
    ['a first page within a doubleword', { opcode: READ, nsid: 1, prp1: 0x4_0002n }, 0x013],
    ['a second page at an offset', { opcode: READ, nsid: 1, cdw12: 15, prp2: 0x5_0010n }, 0x013],
    ['a list within a quadword', { opcode: READ, nsid: 1, cdw12: 31, prp2: 0x3_0004n }, 0x013],
    ['a fused command', { opcode: READ, nsid: 1, flags: 1 }, 0x002],
    ['Write Uncorrectable', { opcode: 0x04, nsid: 1 }, 0x001],
    [
      'a range to deallocate behind the last block',
      { opcode: DATASET_MANAGEMENT, nsid: 1, cdw11: 4, prp1: 0x6_0000n },
      0x080,
    ],
  ])('%s', (_what, fields, status) => {
    const rig = ready();
    rig.view.setUint32(0x6_0004, 4096, true);

    expect(rig.run(fields, 1)).toBe(DNR | status);
  });

  test('memory that there is not', () => {
    expect(ready().run({ opcode: READ, nsid: 1, prp1: 1n << 40n }, 1)).toBe(0x004);
  });

  test.each([
    ['a block that cannot be read', READ, 'read', 0x281],
    ['a block that cannot be written', WRITE, 'write', 0x280],
    ['a disk without room', WRITE, 'full', DNR | 0x081],
    ['a block that cannot be verified', VERIFY, 'read', 0x281],
  ] as const)('%s', (_what, opcode, kind, status) => {
    const medium = new FaultyMedium(new MemoryMedium(1 << 20), [{ kind }]);

    expect(ready({}, medium).run({ opcode, nsid: 1 }, 1)).toBe(status);
  });

  test('a disk that is read only', () => {
    const rig = ready({}, new MemoryMedium(1 << 20, { readOnly: true }));

    expect([WRITE, WRITE_ZEROES].map((opcode) => rig.run({ opcode, nsid: 1 }, 1))).toEqual([
      DNR | 0x020,
      DNR | 0x020,
    ]);
  });
});

describe('blocks go where the addresses say:', () => {
  /** The number that block i of the data has; each page of the list lies two pages from the one before. */
  const blockAt = (rig: NvmeRig, i: number) => rig.view.getUint32(placeOf(i), true);
  const placeOf = (i: number) => DATA + Math.floor(i / 8) * 2 * PAGE + (i % 8) * 512;

  test('from the middle of a page on, into the next', () => {
    const rig = ready({}, numbered());
    rig.run({ opcode: READ, nsid: 1, cdw10: 100, cdw12: 3, prp1: BigInt(DATA + 3072), prp2: 0x6_0000n }, 1);
    const places = [DATA + 3072, DATA + 3584, 0x6_0000, 0x6_0200, DATA + 4096];

    expect(places.map((at) => rig.view.getUint32(at, true))).toEqual([100, 101, 102, 103, 0]);
  });

  test('by a list that ends within its page', () => {
    const rig = ready({}, numbered());
    for (let page = 1; page < 4; page++)
      rig.view.setBigUint64(LIST + (page - 1) * 8, BigInt(DATA + page * 2 * PAGE), true);
    const status = rig.run({ opcode: READ, nsid: 1, cdw10: 7, cdw12: 31, prp2: BigInt(LIST) }, 1);

    expect([status, [0, 7, 8, 31].map((i) => blockAt(rig, i))]).toEqual([0, [7, 14, 15, 38]]);
  });

  test('by a list that goes on elsewhere, from its last entry', () => {
    const rig = ready({}, numbered());
    const [last, next] = [LIST + PAGE - 8, LIST + 2 * PAGE];
    rig.view.setBigUint64(last, BigInt(next), true);
    for (let page = 1; page < 4; page++)
      rig.view.setBigUint64(next + (page - 1) * 8, BigInt(DATA + page * 2 * PAGE), true);
    const status = rig.run({ opcode: READ, nsid: 1, cdw12: 31, prp2: BigInt(last) }, 1);

    expect([status, [8, 31].map((i) => blockAt(rig, i))]).toEqual([0, [8, 31]]);
  });

  test('by a list whose last entry is data if it is the last page', () => {
    const rig = ready({}, numbered());
    const from = LIST + PAGE - 16;
    rig.view.setBigUint64(from, BigInt(DATA + 2 * PAGE), true);
    rig.view.setBigUint64(from + 8, BigInt(DATA + 4 * PAGE), true);
    const status = rig.run({ opcode: READ, nsid: 1, cdw12: 23, prp2: BigInt(from) }, 1);

    expect([status, [8, 23].map((i) => blockAt(rig, i))]).toEqual([0, [8, 23]]);
  });

  test('not by a list that leads to itself without end', () => {
    const rig = ready();
    const last = LIST + PAGE - 8;
    rig.view.setBigUint64(last, BigInt(last), true);

    expect(rig.run({ opcode: READ, nsid: 1, cdw12: 31, prp2: BigInt(last) }, 1)).toBe(DNR | 0x013);
  });
});

describe('a command', () => {
  test('Compare succeeds if all is equal, and fails from the first byte that is not', () => {
    const rig = ready({}, numbered());
    rig.view.setUint32(DATA, 9, true);
    const equal = rig.run({ opcode: COMPARE, nsid: 1, cdw10: 9 }, 1);
    rig.bytes[DATA + 511] = 1;

    expect([equal, rig.run({ opcode: COMPARE, nsid: 1, cdw10: 9 }, 1)]).toEqual([0, DNR | 0x285]);
  });

  test('Write Zeroes and a range to deallocate read as zeros, and their neighbours stay', () => {
    const medium = numbered();
    const rig = ready({}, medium);
    rig.run({ opcode: WRITE_ZEROES, nsid: 1, cdw10: 10, cdw12: 1 }, 1);
    rig.view.setUint32(DATA + 4, 2, true);
    rig.view.setUint32(DATA + 8, 20, true);
    rig.run({ opcode: DATASET_MANAGEMENT, nsid: 1, cdw11: 4 }, 1);
    const bytes = new Uint8Array(1 << 20);
    medium.read(0, bytes, 0, bytes.length);

    expect([9, 10, 11, 12, 19, 20, 21, 22].map((block) => bytes[block * 512])).toEqual([
      9, 0, 0, 12, 19, 0, 0, 22,
    ]);
  });

  test.each([
    ['within a page', { cdw12: 0 }, [[DATA, DATA + 512, true]]],
    [
      'of two pages',
      { cdw12: 15, prp2: BigInt(DATA + 2 * PAGE) },
      [
        [DATA, DATA + PAGE, true],
        [DATA + 2 * PAGE, DATA + 3 * PAGE, true],
      ],
    ],
  ])('READ %s is counted, and says what it wrote', (_what, fields, places) => {
    const rig = ready();
    const { memory } = rig.board;
    const written: unknown[] = [];
    memory.dirty = (from, to, isData) => isData && written.push([from, to, isData]);
    rig.run({ opcode: READ, nsid: 1, ...fields }, 1);

    expect(written).toEqual(places);
    expect(rig.fn.controller.counts).toMatchObject({ reads: 1, read: (fields.cdw12 + 1) * 512 });
  });

  test.each([
    ['as it is', {}, 0, false],
    ['with FUA', {}, FUA, true],
    ['without a write cache', { writeCache: false }, 0, true],
  ])('Write, %s, survives a loss of power or may not', (_how, settings, flags, survives) => {
    const kept = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
      const medium = new WriteBackMedium(new MemoryMedium(1 << 20), { seed });
      const rig = ready(settings, medium);
      rig.bytes.fill(0xab, DATA, DATA + 512);
      rig.run({ opcode: WRITE, nsid: 1, cdw12: flags }, 1);
      medium.powerCut();
      const block = new Uint8Array(512);
      medium.read(0, block, 0, 512);
      return block[0] === 0xab;
    });

    expect(kept.every(Boolean)).toBe(survives);
  });

  test.each([1, 0xffff_ffff])('Flush of namespace %i makes what was written durable', (nsid) => {
    const medium = new WriteBackMedium(new MemoryMedium(1 << 20));
    const rig = ready({}, medium);
    rig.bytes.fill(0xab, DATA, DATA + 512);
    rig.run({ opcode: WRITE, nsid: 1 }, 1);
    const status = rig.run({ opcode: FLUSH, nsid }, 1);
    medium.powerCut();
    const block = new Uint8Array(512);
    medium.read(0, block, 0, 512);

    expect([status, block[0]]).toEqual([0, 0xab]);
  });
});

test('a queue that leaves RAM is served as far as it is there, and then the controller has failed', () => {
  const rig = ready();
  const [entries, last] = [128, rig.bytes.length - PAGE];
  const cdw10 = ((entries - 1) << 16) | 2;
  rig.run({ opcode: ADMIN.CREATE_CQ, prp1: BigInt(LIST), cdw10, cdw11: 1 });
  rig.run({ opcode: ADMIN.CREATE_SQ, prp1: BigInt(last), cdw10, cdw11: (2 << 16) | 1 });
  for (let i = 0; i < PAGE / sqe.size; i++)
    sqe.encode({ opcode: READ, cid: i, nsid: 1, prp1: BigInt(DATA) }, rig.bytes, last + i * sqe.size);
  rig.doorbell(4, PAGE / sqe.size + 1);
  const answered = Array.from({ length: entries }, (_, i) =>
    cqe.decode(rig.bytes, LIST + i * cqe.size),
  ).filter(({ status }) => status === 1);

  expect(answered.map(({ cid }) => cid)).toEqual(Array.from({ length: PAGE / sqe.size }, (_, i) => i));
  expect(CSTS.decode(rig.read(CSTS)).CFS).toBe(1);
});

test('a controller does the same with a watch and without, whatever its commands say', () => {
  const command = fc.record({
    opcode: fc.constantFrom(READ, READ, WRITE, WRITE, COMPARE, FLUSH),
    flags: fc.constantFrom(0, 0, 0, 0, 1, 0x40),
    nsid: fc.constantFrom(1, 1, 1, 1, 0, 2, 9, 0xffff_ffff),
    // Pages that are next to each other, the same within a doubleword, and what is no RAM.
    prp1: fc.constantFrom(0x4_0000n, 0x4_0200n, 0x4_0ffcn, 0x4_0002n, 0x20_0000n, 1n << 33n, 1n << 63n),
    prp2: fc.constantFrom(0x4_1000n, 0x4_2000n, 0x4_1008n),
    cdw10: fc.constantFrom(0, 1, 7, 2047, 2048, 0xffff_ffff),
    cdw11: fc.constantFrom(0, 0, 0, 1, 0x8000_0000),
    cdw12: fc.constantFrom(0, 0, 6, 7, 8, FUA),
  });
  fc.assert(
    // More than its queues of eight have room for.
    fc.property(fc.array(command, { minLength: 1, maxLength: 14 }), (commands) => {
      const rigs = [false, true].map((isWatched) => {
        const rig = ready({}, numbered());
        if (isWatched) rig.fn.controller.events = compose<NvmeEvents>(NVME_EVENTS, []);
        for (const one of commands) {
          rig.put(one, 1);
          rig.ring(1);
        }
        return rig;
      });
      const [plain, watched] = rigs.map(({ bytes, fn: { controller } }) => {
        const { counts, budget, namespaces } = controller;
        const disk = new Uint8Array(1 << 20);
        namespaces[1]!.medium.read(0, disk, 0, disk.length);
        return { counts, left: budget.left, bytes: Buffer.from(bytes), disk: Buffer.from(disk) };
      });

      expect([plain!.counts, plain!.left]).toEqual([watched!.counts, watched!.left]);
      expect([plain!.bytes.equals(watched!.bytes), plain!.disk.equals(watched!.disk)]).toEqual([true, true]);
    }),
    { numRuns: 20 },
  );
});
