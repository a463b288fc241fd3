import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BitSet } from '../../../core/bit-set.ts';
import { Rig } from '../../../core/rig.ts';
import { FEATURE, VIRTIO_ID } from '../../../virtio/registers.ts';
import type { Pieces, SeenRequest } from '../../../virtio/scsi/events.ts';
import {
  ANY_LAYOUT,
  READ_BLOCK_0,
  REQUEST,
  ScsiRig,
  TEST_UNIT_READY,
} from '../../../virtio/scsi/scsi-rig.ts';
import { factsOfNobody } from '../facts.proof.ts';
import { RequestWatch } from './request-watch.ts';
import { SCSI_REQUESTS } from './requests.ts';

const CLAUSES = Object.keys(SCSI_REQUESTS) as (keyof typeof SCSI_REQUESTS)[];
const SIZES = { goesBothWays: false, head_size: 19, cdb_size: 32, sense_size: 96 };
const LIMITS = { seg_max: 2, cmd_per_lun: 2, event_info_size: 16, endian: 'le' } as const;

function watch() {
  const rig = new Rig();
  const requests = new RequestWatch(
    factsOfNobody('scsi0', VIRTIO_ID.scsi, [16, 16, 16]),
    LIMITS,
    rig.journal,
  );
  const fared = () =>
    CLAUSES.map((clause) => [clause, rig.journal.read(clause).met, rig.journal.read(clause).broken]);
  return { requests, fared };
}

/** Lengths at and beside those that matter: a header of 51 bytes, a response of 108. */
const pieces = (...lengths: readonly number[]): fc.Arbitrary<Pieces> =>
  fc.array(fc.constantFrom(...lengths), { minLength: 0, maxLength: 4 }).map((length) => ({
    count: length.length,
    total: length.reduce((sum, one) => sum + one, 0),
    length,
  }));
const request: fc.Arbitrary<SeenRequest> = fc.record({
  target: fc.constantFrom(1, 2),
  lun: fc.constantFrom(0, 1),
  tagLow: fc.nat(3),
  tagHigh: fc.constant(0),
  readable: pieces(51, 50, 512),
  writable: pieces(108, 12, 512),
  command: fc.record({
    cdb: fc.constantFrom(0x00, 0x12).map((opcode) => Uint8Array.of(opcode, ...new Uint8Array(31))),
    dataOut: pieces(512),
    dataIn: pieces(512),
  }),
});
const told = fc.record({
  request,
  fault: fc.constantFrom(null, null, null, 'short', 'lun', 'both ways', 'overlapped'),
  head: fc
    .array(fc.constantFrom(0, 0, 0, 1), { minLength: 3, maxLength: 3 })
    .map((tagging) => Uint8Array.of(...new Uint8Array(16), ...tagging)),
  outstanding: fc.array(request, { maxLength: 3 }),
});

test('a watch that counts uneventful requests has the same result as one that checks every rule for each', () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: 12 }), fc.boolean(), (all, anyLayout) => {
      const counting = watch();
      const asking = watch();
      Object.assign(asking.requests, { isWell: () => false });
      for (const { requests } of [counting, asking]) {
        requests.negotiated(BitSet.of(anyLayout ? [FEATURE.ANY_LAYOUT] : []));
        for (const { request: seen, fault, head, outstanding } of all)
          requests.requested(seen, fault as never, head, SIZES, outstanding);
      }
      expect(counting.fared()).toEqual(asking.fared());
    }),
  );
});

test('one request without data meets none of the rules of many requests or pieces', () => {
  const rig = new ScsiRig().start(ANY_LAYOUT);

  rig.run({ cdb: TEST_UNIT_READY });

  expect(CLAUSES.filter((clause) => rig.journal.reached(clause))).toEqual([
    'virtio/SCSI-REQ-D2',
    'virtio/SCSI-IMP-1',
    'scsi/LUN-TAIL',
    'virtio/SCSI-IMP-2',
  ]);
});

test('a kick of an empty ring meets none at all', () => {
  const rig = new ScsiRig().start();

  rig.kick(REQUEST);

  expect(CLAUSES.filter((clause) => rig.journal.reached(clause))).toEqual([]);
});

test('evidence reaches back to the kick since which requests are outstanding', () => {
  const rig = new ScsiRig({ latency: 50_000 }).start(ANY_LAYOUT);
  rig.put({ cdb: READ_BLOCK_0, room: 512, id: 7n });
  rig.kick(REQUEST);
  for (let i = 0; i < 10; i++) rig.in(0x12, 1);
  rig.put({ cdb: READ_BLOCK_0, room: 512, id: 7n });

  rig.kick(REQUEST);

  const { accesses, skipped } = rig.journal.of('virtio/SCSI-IMP-5')[0]!.evidence;
  // Four of the newest, the kick at the end; then, seven reads further back, the kick that began it.
  expect([accesses.length, skipped, accesses.at(-1)?.address]).toEqual([5, 7, 0xc050]);
});
