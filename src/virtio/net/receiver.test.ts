import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { AT_ONCE } from '../completion/policy.ts';
import { PLAIN } from '../manners.ts';
import { FEATURE } from '../registers.ts';
import {
  ANY_LAYOUT,
  CONTROL,
  CTRL_GUEST_OFFLOADS,
  CTRL_VQ,
  GUEST_CSUM,
  MQ,
  MRG_RXBUF,
  NetRig,
  plain,
  RX,
} from './net-rig.ts';
import type { VirtioNetOptions } from './offered.ts';
import { NET_FEATURE } from './registers.ts';

const { CTRL_RX, CTRL_VLAN, MTU, NOTF_COAL, DEVICE_STATS } = NET_FEATURE;
const { EVENT_IDX, INDIRECT_DESC } = FEATURE;
const OFFER = [CTRL_RX, CTRL_VLAN, MTU, NOTF_COAL, DEVICE_STATS];
const RING_FEATURES = [ANY_LAYOUT, EVENT_IDX, INDIRECT_DESC];
/** Each run makes two machines. A thousand were once run. */
const RUNS = 20;
const OWN = hex('42010a800002');

/** A card whose driver is watched, or not: the short way is used only without a watcher. */
function cardOf(watched: boolean, features: readonly number[]): NetRig {
  const rig = new NetRig({ pairs: 2, ringSize: 64, offer: OFFER, ringFeatures: RING_FEATURES });
  if (!watched) rig.device.watchedBy(null);
  rig.start(...features);
  // The legacy interface has no bits for them.
  for (const bit of [NOTF_COAL, DEVICE_STATS]) rig.device.accepted.add(bit);
  rig.device.acceptFeatures(0, rig.device.accepted.words[0]!);
  return rig;
}

/** An event at a card, from either side. */
type Deed = (rig: NetRig) => void;

const deedOf = <T>(values: fc.Arbitrary<T>, does: (rig: NetRig, value: T) => void): fc.Arbitrary<Deed> =>
  values.map((value) => (rig) => does(rig, value));
const often = (weight: number, arbitrary: fc.Arbitrary<Deed>) => ({ weight, arbitrary });

const own = fc.oneof(fc.nat(80), fc.nat(2000)).map((length) => {
  const bytes = plain(length);
  bytes.set(OWN.subarray(0, length));
  return bytes;
});
const stranger = fc.integer({ min: 14, max: 100 }).map((length) => plain(length).fill(2, 0, 1));
const parts = fc.oneof(
  { weight: 8, arbitrary: fc.constant([2048]) },
  { weight: 1, arbitrary: fc.constantFrom([1526], [12, 1514], [64]) },
  { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 3 }) },
);
const chains = fc.array(parts, { minLength: 1, maxLength: 2 });
/** Most of them are malformed. */
const descriptor = fc.record({
  slot: fc.nat(63),
  at: fc.constantFrom(0x30_0000, 0x30_0001, 0x30_0002, 0x40_0000 - 64, 0x7fff_fff0, 2 ** 32),
  length: fc.constantFrom(0, 1, 64, 1526, 0x7fff_ffff, 0xffff_ffff),
  flags: fc.constantFrom(0, 1, 2, 2, 3, 4, 6, 10),
  beyond: fc.constantFrom(0, 0, 0, 64),
});
const COMMANDS = ['000001', '000000', '04000200', '04000100', '05000000000000000000', '05000100000000000000'];

const deed = fc.oneof(
  often(
    40,
    deedOf(fc.oneof(own, own, stranger), ({ device }, frame) => device.receive(frame)),
  ),
  often(
    40,
    deedOf(chains, ({ guests: [guest] }, all) => guest!.offer(...all.map((one) => guest!.chain(...one)))),
  ),
  often(
    4,
    deedOf(chains, (rig, all) => all.map((one) => rig.send(RX, ...one))),
  ),
  often(
    4,
    deedOf(fc.array(own, { maxLength: 3 }), ({ device }, frames) => device.receiveAll(frames)),
  ),
  often(
    4,
    deedOf(fc.constantFrom(...COMMANDS), (rig, words) =>
      rig.send(rig.device.accepted.has(MQ) ? 4 : CONTROL, hex(words), 1),
    ),
  ),
  often(
    2,
    deedOf(fc.constantFrom(true, true, false), ({ device }, up) => device.setLink(up)),
  ),
  often(
    2,
    deedOf(fc.constantFrom(0, 1), ({ guests: [guest] }, flags) => (guest!.flags = flags)),
  ),
  often(
    2,
    deedOf(fc.nat(20), ({ guests: [guest] }, event) => (guest!.usedEvent = event)),
  ),
  often(
    2,
    deedOf(fc.constantFrom(3, 7, 7), (rig, value) => rig.command(value)),
  ),
  often(
    2,
    deedOf(fc.constantFrom(1, 40_000), ({ board }, by) => board.clock.advance(by)),
  ),
  often(
    2,
    fc.constant<Deed>((rig) => rig.in(0x13, 1)),
  ),
  often(
    1,
    deedOf(descriptor, ({ guests: [guest] }, { slot, at, length, flags, beyond }) => {
      guest!.describe(slot, at, length, flags, (slot + 1) & 63);
      guest!.offer(slot + beyond);
    }),
  ),
);
const rarely = (feature: number) => fc.constantFrom([], [], [], [feature]);
const features = fc
  .tuple(
    fc.subarray([
      ANY_LAYOUT,
      MRG_RXBUF,
      CTRL_VQ,
      CTRL_GUEST_OFFLOADS,
      MQ,

      EVENT_IDX,
      INDIRECT_DESC,
    ]),
    ...[GUEST_CSUM, CTRL_RX, CTRL_VLAN, MTU].map(rarely),
  )
  .map((some) => some.flat());

/** All that a guest and a test can observe of a card. */
const seen = (rig: NetRig) => ({
  interrupts: rig.intx,
  dropped: rig.device.dropped,
  ready: rig.device.queues.map(({ ready }) => ready),
  counts: rig.device.queues.map((_, queue) => rig.device.features.statistics!.of(queue)),
});

test('the short way has the result of the general one: RAM, rings, counters and interrupts', () => {
  let shortened = 0;
  fc.assert(
    fc.property(features, fc.array(deed, { minLength: 20, maxLength: 40 }), (taken, deeds) => {
      const [general, short] = [cardOf(true, taken), cardOf(false, taken)];
      const deliver = vi.spyOn(short.device.queues[RX]!, 'deliver');
      const course = [general, short].map((rig) => deeds.map((does) => [does(rig), rig.intx]));
      const [a, b] = [general, short].map(({ board }) => board.memory.ranges[0]!.bytes);
      shortened += deliver.mock.results.filter(({ value }) => value === true).length;
      expect(Buffer.compare(a!, b!)).toBe(0);
      expect(course[1]).toEqual(course[0]);
      expect(seen(short)).toEqual(seen(general));
    }),
    { numRuns: RUNS },
  );
  expect(shortened).toBeGreaterThan(RUNS);
});

/** Whether a second frame goes the short way, after these commands by queue 4. */
function isShort(
  options: Partial<VirtioNetOptions>,
  features: readonly number[],
  ...commands: readonly string[]
) {
  const rig = new NetRig({ pairs: 2, ...options });
  rig.device.watchedBy(null);
  rig.start(ANY_LAYOUT, ...features);
  for (const command of commands) rig.send(4, hex(command), 1);
  rig.stock(RX, 2048, 2048);
  rig.device.receive(plain(60));
  const deliver = vi.spyOn(rig.device.queues[RX]!, 'deliver');
  rig.device.receive(plain(60));
  return deliver.mock.results.some(({ value }) => value === true);
}

describe('a frame goes the short way', () => {
  test('into a buffer that has room for it, after a header with nothing but a buffer count of one', () => {
    const rig = cardOf(false, [ANY_LAYOUT, MRG_RXBUF]);
    const deliver = vi.spyOn(rig.device.queues[RX]!, 'deliver');
    const heads = rig.stock(RX, 2048, 2048);
    rig.device.receive(plain(60));
    rig.device.receive(plain(60));
    expect(deliver.mock.results.at(-1)?.value).toBe(true);
    expect(rig.guests[RX]!.take()).toEqual(heads.map((head) => [head, 72]));
    expect(rig.guests[RX]!.buffer(heads[1]!).subarray(0, 72)).toEqual(
      Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, ...plain(60)]),
    );
  });

  test('and counts for an interrupt that is delayed until three have come', () => {
    const rig = cardOf(false, [ANY_LAYOUT]);
    rig.device.features.coalescing!.set(RX, { max_packets: 3, max_usecs: 1000 });
    rig.stock(RX, 2048, 2048, 2048);
    const told = [1, 2, 3].map(() => {
      rig.device.receive(plain(60));
      return rig.intx;
    });
    expect(told).toEqual([false, false, true]);
  });

  test('and counts for a waiting interrupt, even if the driver suppresses further ones', () => {
    const rig = cardOf(false, [ANY_LAYOUT]);
    rig.device.features.coalescing!.set(RX, { max_packets: 2, max_usecs: 1000 });
    rig.stock(RX, 2048, 2048);
    rig.device.receive(plain(60));
    rig.guests[RX]!.flags = 1;
    rig.device.receive(plain(60));
    expect(rig.intx).toBe(true);
  });

  test('again when only one pair is in use again', () => {
    expect(isShort({}, [CTRL_VQ, MQ], '04000200', '04000100')).toBe(true);
  });

  test.each<[string, Partial<VirtioNetOptions>, readonly number[], ...string[]]>([
    ['its sums are looked at', {}, [GUEST_CSUM]],
    ['its flow decides where it comes in', {}, [CTRL_VQ, MQ], '04000200'],
    ['its header is to be odd', { oddHeaders: ['checksum'] }, []],
    ['what comes back is to wait', { manners: { ...PLAIN, completion: AT_ONCE } }, []],
  ])('but not where %s', (_what, options, features, ...commands) => {
    expect(isShort(options, features, ...commands)).toBe(false);
  });
});
