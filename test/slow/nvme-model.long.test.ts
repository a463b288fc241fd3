import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nvme } from '../../src/guest/index.ts';
import { gceN1, MemoryMedium, WriteBackMedium } from '../../src/index.ts';
import { commitSeed, repeats } from '../repeats.ts';

/** Of each namespace; so few that commands meet. */
const BLOCKS = 256;
const SIZES = [512, 4096] as const;

/** What a driver does to a namespace of an array of bytes, and whether it is as that says. */
interface Namespace {
  readonly nsid: number;
  readonly size: (typeof SIZES)[number];
  readonly bytes: Uint8Array;
  /** Since the last flush; a loss of power may bring the earlier contents back. */
  readonly dirty: Set<number>;
}
type Disk = ReturnType<ReturnType<typeof nvme>['attach']>;
type Act = (disk: Disk, of: Namespace) => boolean;

const range = fc
  .tuple(fc.nat(BLOCKS - 1), fc.integer({ min: 1, max: 80 }))
  .map(([lba, count]) => ({ lba, count: Math.min(count, BLOCKS - lba) }));

function put({ size, bytes, dirty }: Namespace, lba: number, count: number, data: Uint8Array): void {
  bytes.set(data, lba * size);
  for (let block = lba; block < lba + count; block++) dirty.add(block);
}
const held = ({ size, bytes }: Namespace, lba: number, count: number) =>
  bytes.subarray(lba * size, (lba + count) * size);

const writes = fc.tuple(range, fc.nat(255), fc.boolean()).map(
  ([{ lba, count }, seed, durable]): Act =>
    (disk, of) => {
      const data = Uint8Array.from({ length: count * of.size }, (_, i) => seed + i * 3 + (i >> 9));
      disk.write(of.nsid, lba, data, { durable });
      put(of, lba, count, data);
      if (durable) for (let block = lba; block < lba + count; block++) of.dirty.delete(block);
      return true;
    },
);
const reads = range.map(
  ({ lba, count }): Act =>
    (disk, of) =>
      Buffer.compare(disk.read(of.nsid, lba, count), held(of, lba, count)) === 0,
);
const compares = fc.tuple(range, fc.boolean()).map(
  ([{ lba, count }, isRight]): Act =>
    (disk, of) => {
      const some = Math.min(count, 16);
      const data = held(of, lba, some).slice();
      if (!isRight) data[data.length - 1]! ^= 1;
      return disk.compare(of.nsid, lba, data) === isRight;
    },
);
const zeroes = fc.tuple(range, fc.boolean()).map(
  ([{ lba, count }, deallocates]): Act =>
    (disk, of) => {
      if (deallocates) disk.deallocate(of.nsid, [{ lba, count }]);
      else disk.writeZeroes(of.nsid, lba, count);
      put(of, lba, count, new Uint8Array(count * of.size));
      return true;
    },
);
const flushes = fc.constant<Act>((disk, of) => {
  disk.flush(of.nsid);
  of.dirty.clear();
  return true;
});
const verifies = range.map(
  ({ lba, count }): Act =>
    (disk, of) => {
      disk.verify(of.nsid, lba, count);
      return true;
    },
);
const restarts = fc.constant<Act>((disk) => {
  disk.suspend();
  disk.resume();
  return true;
});
const act = fc.oneof(
  { weight: 4, arbitrary: writes },
  { weight: 4, arbitrary: reads },
  { weight: 2, arbitrary: compares },
  { weight: 2, arbitrary: zeroes },
  { weight: 1, arbitrary: flushes },
  { weight: 1, arbitrary: verifies },
  { weight: 1, arbitrary: restarts },
);
const sequence = fc.array(fc.tuple(act, fc.nat(1)), { minLength: 20, maxLength: 60 });
const namespaces = (): Namespace[] =>
  SIZES.map((size, i) => ({ nsid: i + 1, size, bytes: new Uint8Array(BLOCKS * size), dirty: new Set() }));

test.each(['polled', 'msix', 'intx'] as const)(
  'sequences of commands do to a disk what they do to an array of bytes, %s',
  (interrupts) => {
    fc.assert(
      fc.property(
        sequence,
        fc.constantFrom(2, 3, 64),
        fc.constantFrom(0, 30_000),
        (acts, entries, latency) => {
          const parts = namespaces();
          const disks = parts.map(({ size, bytes }) => ({ bytes: bytes.length, blockSize: size }));
          const machine = gceN1({ vcpus: 2, nvme: [{ namespaces: disks, latency }] });
          const disk = machine.attach(nvme({ interrupts, entries, queues: 2 }));
          const isRight = acts.every(([one, which]) => one(disk, parts[which]!));
          const findings = machine.findings.map(({ clause }) => clause);
          machine.close();
          expect([isRight, findings]).toEqual([true, []]);
        },
      ),
      { numRuns: repeats(20, 3400), seed: commitSeed() },
    );
  },
);

test('what was flushed survives a loss of power, whatever came after', () => {
  fc.assert(
    fc.property(sequence, fc.nat(0xffff), (acts, seed) => {
      const parts = namespaces();
      const media = parts.map(({ bytes }) => new WriteBackMedium(new MemoryMedium(bytes.length), { seed }));
      const disks = media.map((medium, i) => ({ medium, blockSize: SIZES[i]! }));
      const machine = gceN1({ seed, nvme: [{ namespaces: disks }] });
      const disk = machine.attach(nvme({ interrupts: 'polled' }));
      for (const [one, which] of acts) one(disk, parts[which]!);
      machine.powerCut();
      const wrong = parts.flatMap(({ size, bytes, dirty }, i) => {
        const found = new Uint8Array(bytes.length);
        media[i]!.read(0, found, 0, found.length);
        return Array.from({ length: BLOCKS }, (_, block) => block).filter(
          (block) =>
            !dirty.has(block) &&
            Buffer.compare(
              found.subarray(block * size, (block + 1) * size),
              bytes.subarray(block * size, (block + 1) * size),
            ) !== 0,
        );
      });
      machine.close();
      expect(wrong).toEqual([]);
    }),
    { numRuns: repeats(40, 10_000), seed: commitSeed() },
  );
});
