import { type BareRing, bareDriver } from '../../src/conformance/broken/bare-ring.ts';
import type { DriverModel } from '../../src/conformance/index.ts';
import { gceN1 } from '../../src/index.ts';
import { FEATURE, PVIRTQ_DESC_F, pvirtq_desc } from '../../src/virtio/registers.ts';
import { type Case, judged } from './play.ts';

const { WRITE, NEXT, AVAIL, USED } = PVIRTQ_DESC_F;
/** Entries of a ring that is filled by hand, of a device that takes its time. */
const [SIZE, LATENCY, SOON] = [4, 1_000_000, 300_000];

/** A buffer in a slot: in the first lap, or in the second. */
function put(ring: BareRing, slot: number, id: number, more = 0, lap: number = AVAIL): void {
  ring.put(slot, { address: ring.room(64), length: 64 }, id, WRITE | lap | more);
}

const flagsOf = ({ desc }: BareRing, slot: number) =>
  desc + slot * pvirtq_desc.size + pvirtq_desc.offset.flags;

/** A packed ring filled by hand, wrongly and rightly. */
function filled(name: string, wrong: (ring: BareRing) => void, right: (ring: BareRing) => void): Case {
  const model = (act: (ring: BareRing) => void): DriverModel => ({
    name,
    drivers: [bareDriver(name, { size: SIZE, features: [FEATURE.RING_PACKED] }, act)],
    run: () => {},
  });
  const machine = () =>
    gceN1({ virtio: 'modern', ringFeatures: ['RING_PACKED'], rng: true, completion: { latency: LATENCY } });
  return { broken: model(wrong), mended: model(right), play: judged({ machine }) };
}

const threeOut = (ring: BareRing) => {
  for (let slot = 0; slot < SIZE - 1; slot++) put(ring, slot, slot);
  ring.kick();
};
/** A list over the last slot and the first, with which the device is done, or is not. */
const goesRound = (isDone: boolean) => (ring: BareRing) => {
  threeOut(ring);
  if (isDone) takesBack(ring, 3);
  put(ring, 0, SIZE, 0, USED);
  put(ring, SIZE - 1, SIZE, NEXT);
  ring.wait(2 * LATENCY);
  ring.kick();
};
/** A list over the first two slots, in the second lap: the device is done with one of them, or with all. */
const comesAgain = (isDone: boolean) => (ring: BareRing) => {
  put(ring, 0, 0);
  ring.kick();
  ring.wait(LATENCY - SOON);
  for (let slot = 1; slot < SIZE; slot++) put(ring, slot, slot);
  ring.kick();
  ring.wait(2 * SOON);
  if (isDone) takesBack(ring, SIZE);
  // The flags of the head come last.
  put(ring, 0, SIZE, NEXT, AVAIL | USED);
  put(ring, 1, SIZE, 0, USED);
  ring.memory.store(flagsOf(ring, 0), WRITE | NEXT | USED, 2);
  ring.kick();
};
/** A list of two, the second of which is stored to a slot. */
const goesOnAt = (slot: number) => (ring: BareRing) => {
  put(ring, 0, 0);
  ring.kick();
  put(ring, slot, 1, 0, AVAIL);
  put(ring, 1, 1, NEXT);
  ring.kick();
};

/** Waits for used descriptors, and looks at them. */
function takesBack(ring: BareRing, count: number): void {
  ring.wait(2 * LATENCY);
  for (let slot = 0; slot < count; slot++) ring.memory.load(flagsOf(ring, slot), 2);
}

/** Packed rings that are filled by hand. */
export const PACKED_CASES: readonly Case[] = [
  filled(
    'begins a list that does not fit',
    (ring) => {
      threeOut(ring);
      put(ring, SIZE - 1, SIZE, NEXT);
      ring.kick();
    },
    threeOut,
  ),
  filled('goes round over what the device has', goesRound(false), goesRound(true)),
  filled('comes again without a look', comesAgain(false), comesAgain(true)),
  filled('goes on where it began', goesOnAt(0), goesOnAt(2)),
];
