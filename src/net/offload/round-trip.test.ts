import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Coalesced } from './coalesced.ts';
import { arrivalsOf, coalesce } from './coalescer-rig.ts';
import { completeChecksum } from './complete.ts';
import { type Joins, NO_JOINS } from './joins.ts';
import { anyLargeFrame, frameOf, type LargeFrame, segmentsOf } from './large-frame-rig.ts';
import { Segmenter } from './segmenter.ts';

const ALL: Joins = { ...NO_JOINS, tcp4: true, tcp6: true, udp4: true, udp6: true, ecn: true };
const ACK = 0x10;

/** The frames that it was joined from. */
function apart({ frame, cut, gsoSize }: Coalesced): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const send = (segment: Uint8Array) => frames.push(segment.slice());
  if (cut === null) return [frame];
  new Segmenter().segment(frame, cut, gsoSize, { send });
  return frames;
}

/** A kind that may be joined: without IP options, extension headers and a second tag. */
const joinable = anyLargeFrame(400).map(
  (large): LargeFrame => ({
    ...large,
    tags: large.tags.slice(0, 1),
    options: [],
    extensions: [],
    flags: ACK | (large.flags & 0x88),
  }),
);

test('a large frame is restored from its segments, except for its checksum, which is partial', () => {
  fc.assert(
    fc.property(joinable, fc.integer({ min: 1, max: 399 }), (large, part) => {
      fc.pre(large.payload.length > part);
      const [joined, ...more] = coalesce(ALL, segmentsOf(large, part));
      const { frame, csumStart, csumOffset, segments } = joined!;
      completeChecksum(frame, csumStart, csumOffset);
      expect([frame, segments, more]).toEqual([
        frameOf(large, 'complete'),
        Math.ceil(large.payload.length / part),
        [],
      ]);
    }),
  );
});

test('despite loss and reordering, each flow gets its exact frames in order', () => {
  // Two sizes of segments and up to nine flows, over eight slots; one frame in eight is lost, one in eight late.
  const flow = fc.tuple(joinable, fc.constantFrom(60, 100));
  const chance = fc.nat(7);
  fc.assert(
    fc.property(
      fc.array(flow, { minLength: 1, maxLength: 9 }),
      fc.array(fc.tuple(fc.nat(8), chance), { maxLength: 80 }),
      (flows, steps) => {
        const left = flows.map(([large, size], i) => segmentsOf({ ...large, sequence: i }, size));
        for (const [i, frames] of left.entries()) for (const frame of frames) frame[5] = i;
        const arrivals = arrivalsOf(left, steps);
        const perFlow = (frames: readonly Uint8Array[]) =>
          flows.map((_, i) => frames.filter((frame) => frame[5] === i));
        expect(perFlow(coalesce(ALL, arrivals).flatMap(apart))).toEqual(perFlow(arrivals));
      },
    ),
  );
});
