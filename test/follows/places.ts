import { answerHeader, behind, rewriteHeader } from '../../src/conformance/broken/behind.ts';
import { rewriteKicks, structuresOf } from '../../src/conformance/broken/behind-modern.ts';
import { rewriteRings } from '../../src/conformance/broken/rewrite-rings.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import { virtioNet, virtioRng } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { PVIRTQ_DESC_F, QUEUE_ADDRESS, QUEUE_SIZE } from '../../src/virtio/registers.ts';
import { queue_desc, queue_device_high } from '../../src/virtio/transport/modern/registers.ts';
import { behindEach, type Case, inSuite, judged, known, type Mistake } from './play.ts';

const CUT = 'frames that are longer than a buffer';
const MANY = 'more frames than they have room for';
/** Frames, more than a ring has entries, and longer than a driver may leave one empty. */
const [FRAMES, LONG] = [24, 3_000_000_000];
const { AVAIL, USED } = PVIRTQ_DESC_F;
const STATE = AVAIL | USED;
const PACKED: MachineOptions = { virtio: 'modern', ringFeatures: ['RING_PACKED'] };
const SMALL: MachineOptions = { nics: [{ ringSize: 16, backend: 'loopback' }] };

/** Kicks that say more than which queue is meant. */
const KICKED: readonly NonNullable<MachineOptions['ringFeatures']>[] = [
  ['NOTIFICATION_DATA'],
  ['NOTIFICATION_DATA', 'NOTIF_CONFIG_DATA'],
  ['NOTIFICATION_DATA', 'RING_PACKED'],
  ['NOTIFICATION_DATA', 'NOTIF_CONFIG_DATA', 'RING_PACKED'],
];

/** Rings are laid out for so many entries. */
const sized =
  (change: (size: number) => number): Mistake =>
  (port, bdf) =>
    answerHeader(port, bdf, QUEUE_SIZE, (ask) => change(ask()));
const keepsWrapCounter: Mistake = (port) =>
  rewriteRings(port, {
    'desc.flags': ({ value }) => ((value & STATE) === USED ? value ^ STATE : value),
  });
const swapsHalves: Mistake = (port, bdf) =>
  rewriteKicks(port, bdf, (value, width) => [((value >>> 16) | (value << 16)) >>> 0, width]);

/** The wrap counter is flipped one descriptor late. */
const flipsLate: Mistake = (port) =>
  rewriteRings(port, {
    'desc.flags': ({ index, value }) => (index === 0 && (value & STATE) === USED ? value ^ STATE : value),
  });
/** Addresses of queues are written with 16 bits. */
const writesHalves: Mistake = (port, bdf) => {
  const { common } = structuresOf(port, bdf);
  const [from, to] = [common + queue_desc.offset, common + queue_device_high.offset];
  return behind(port, {
    write: (at, value, width) => port.write(at, value, at >= from && at <= to ? 2 : width),
  });
};

const nic = virtioNet({ interrupts: 'polled' });
const echoes = (card: ReturnType<typeof nic.attach>) => {
  for (let i = 0; i < FRAMES; i++) card.post(FRAME);
  card.receiveWithin(LONG);
};
const on = (options: MachineOptions) => judged({ machine: () => gceN1(options) });

export const PLACE_CASES: readonly Case[] = [
  ...behindEach(nic, echoes, on(SMALL), {
    'lays rings out for 256 entries': sized(() => 256),
    'writes address / 1024': (port, bdf) => rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => value * 4),
  }),
  ...behindEach(nic, echoes, on({}), {
    'lays rings out for 128 entries': sized((size) => Math.min(size, 128)),
  }),
  ...behindEach(nic, echoes, on({ ...SMALL, ...PACKED }), { 'flips its wrap counter late': flipsLate }),
  ...behindEach(nic, () => {}, inSuite({ ...SMALL, ...PACKED }, CUT), {
    'keeps its wrap counter': keepsWrapCounter,
  }),
  ...behindEach(nic, () => {}, on({ virtio: 'modern', vcpus: 8 }), {
    'writes halves of addresses': writesHalves,
  }),
  ...known(['virtio/VQ-SPLIT-LEG-D2'], () =>
    inSuite({ virtio: 'modern', nics: [{ backend: 'loopback' }] }, MANY),
  ),
  ...KICKED.flatMap((ringFeatures) =>
    behindEach(
      virtioRng({ interrupts: 'polled' }),
      (rng) => rng.read(32),
      on({ virtio: 'modern', rng: true, ringFeatures }),
      { 'swaps the halves of a kick': swapsHalves },
    ),
  ),
];
