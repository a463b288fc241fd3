import { behind, headerAddress } from '../../src/conformance/broken/behind.ts';
import { type RingStore, rewriteRings } from '../../src/conformance/broken/rewrite-rings.ts';
import type { DriverModel } from '../../src/conformance/index.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import { hostOf, nicOf } from '../../src/conformance/scenarios/rig.ts';
import type { Driver } from '../../src/core/driver.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { type NicDriver, type ScsiHost, virtioNet, virtioScsi } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { QUEUE_NOTIFY, VIRTQ_DESC_F } from '../../src/virtio/registers.ts';
import { behindEach, type Case, inSuite, judged } from './play.ts';

const { WRITE, NEXT } = VIRTQ_DESC_F;
const POLLED = { interrupts: 'polled' } as const;

/** Private members of a queue of the good drivers, split or packed. */
interface Ring {
  size: number;
  readonly lent: Uint16Array;
  readonly next: Uint16Array;
  readonly freeIds: number[];
  firstFree: number;
  lastFree: number;
  freeCount: number;
  freeSlots: number;
  add(...segments: unknown[]): number | null;
  giveBack(id: number): void;
}
type Mistake = (ring: Ring) => void;

const card = virtioNet(POLLED);
const adapter = virtioScsi(POLLED);
const ringsOf = (handle: unknown): readonly Ring[] => {
  const nic = nicOf([handle]);
  if (nic === undefined) return [hostOf([handle]).adapter.requests.queue as unknown as Ring];
  const { receivers, transmitters } = nic.card;
  return [...receivers, ...transmitters].map((one) => (one as unknown as { queue: Ring }).queue);
};

/** The good driver, which makes a mistake with each of its rings. */
function erring<Handle>(good: Driver<Handle>, mistake: Mistake): Driver<Handle> {
  return {
    ...good,
    attach: (port, bdf) => {
      const handle = good.attach(port, bdf);
      for (const ring of ringsOf(handle)) mistake(ring);
      return handle;
    },
  };
}

/** Frames and blocks in such numbers that rings are used up. */
function uses(_port: GuestPort, [handle]: readonly unknown[]): void {
  if (nicOf([handle]) === undefined) transfers(handle as ScsiHost);
  else exchanges(handle as NicDriver);
}

function transfers(host: ScsiHost): void {
  host.read(1, 0, 128);
  host.read(1, 0, 16);
}

function exchanges(nic: NicDriver): void {
  for (let i = 0; i < 40; i++) {
    nic.post(FRAME);
    if (i % 8 === 7) nic.receive();
  }
  nic.flush();
  for (let i = 0; i < 10; i++) nic.receiveWithin(1_000_000);
}

/** Drivers that make a mistake with their rings, on machines that take their time. */
function disorder(
  drivers: readonly Driver<unknown>[],
  options: MachineOptions,
  ...mistakes: readonly Mistake[]
): Case[] {
  const machine = () => gceN1({ completion: { latency: 1_000_000 }, patience: 10_000, ...options });
  const play = judged({ machine });
  return mistakes.map((mistake) => ({ ...erringWith(drivers, mistake, uses), play }));
}

function erringWith(
  drivers: readonly Driver<unknown>[],
  mistake: Mistake,
  run?: DriverModel['run'],
): Pick<Case, 'broken' | 'mended'> {
  const use = run === undefined ? {} : { run };
  const broken = drivers.map((driver) => erring(driver, mistake));
  return { broken: { name: 'broken', drivers: broken, ...use }, mended: { name: 'mended', drivers, ...use } };
}

/** Descriptors are free again as soon as they are lent. */
const freesAtOnce: Mistake = (ring) => {
  const add = ring.add.bind(ring);
  ring.add = (...segments) => {
    const id = add(...segments);
    if (id === null) return null;
    const count = ring.lent[id]!;
    ring.giveBack(id);
    ring.lent[id] = count;
    return id;
  };
};

/** Each `nth` chain that comes back is free twice. */
const freesTwice =
  (nth: number): Mistake =>
  (ring) => {
    const giveBack = ring.giveBack.bind(ring);
    let times = 0;
    ring.giveBack = (id) => {
      const count = ring.lent[id]!;
      giveBack(id);
      if (++times % nth !== 0) return;
      ring.lent[id] = count;
      giveBack(id);
    };
  };

/** The last descriptor of each second chain that comes back is free twice. */
const freesLastTwice: Mistake = (ring) => {
  const giveBack = ring.giveBack.bind(ring);
  let times = 0;
  ring.giveBack = (id) => {
    let last = id;
    for (let i = 1; i < ring.lent[id]!; i++) last = ring.next[last]!;
    giveBack(id);
    if (++times % 2 !== 0 || ring.freeCount < 2 || ring.firstFree === last) return;
    ring.next[ring.lastFree] = last;
    ring.lastFree = last;
    ring.freeCount++;
  };
};

/** Of a chain only the first descriptor counts as lent. */
const lendsHeads: Mistake = (ring) => {
  const add = ring.add.bind(ring);
  ring.add = (...segments) => {
    const id = add(...segments);
    if (id === null || ring.lent[id]! < 2) return id;
    ring.firstFree = ring.next[id]!;
    ring.freeCount += ring.lent[id]! - 1;
    return id;
  };
};

/** A packed ring counts as three longer than it is. */
const countsThreeMore: Mistake = (ring) => {
  ring.freeSlots += 3;
  ring.freeIds.unshift(ring.size + 1, ring.size + 2, ring.size + 3);
};

const small = (ringSize: number, more: MachineOptions = {}): MachineOptions => ({
  nics: [{ ringSize, backend: 'loopback' }],
  scsi: { ringSize: Math.max(8, ringSize) },
  ...more,
});
const MODERN: MachineOptions = { virtio: 'modern' };
const PACKED: MachineOptions = { virtio: 'modern', ringFeatures: ['RING_PACKED'] };

/** The last descriptor of a chain is one that the device reads. */
const readsLast = (port: GuestPort) =>
  rewriteRings(port, {
    'desc.flags': ({ value }) => ((value & NEXT) === 0 ? value & ~WRITE : value),
  });

/** Lengths are filled in when the device was kicked. */
function fillsInLate(port: GuestPort, bdf: number): GuestPort {
  const notify = headerAddress(port, bdf) + QUEUE_NOTIFY.offset;
  let held: RingStore[] = [];
  const late = rewriteRings(port, {
    'desc.len': (store) => {
      held.push(store);
      return null;
    },
  });
  return behind(late, {
    out: (at, value, width) => {
      late.out(at, value, width);
      if (at !== notify) return;
      for (const store of held) port.memory.store(store.at, store.value, 4);
      held = [];
    },
  });
}

/** Requests of two buffers and of three. */
function asks(host: ScsiHost): void {
  host.testUnitReady(1);
  host.inquiry(1);
}

const LATE = 'devices that take their time';
const FULL = 'more to send than a ring has room for, while the device holds what it has';
const OVERTAKING = 'blocks that are to be read rightly while answers overtake each other';

export const RING_CASES: readonly Case[] = [
  ...disorder([card], small(4), freesAtOnce, freesLastTwice),
  ...disorder([card], small(4, MODERN), freesTwice(1)),
  ...disorder([adapter], small(4), freesAtOnce, freesTwice(2)),
  ...disorder([adapter], small(16), freesAtOnce, lendsHeads),
  ...disorder([card], small(8, PACKED), countsThreeMore),
  // With the adapter the mistake shows in two ways.
  {
    ...erringWith([card, adapter], freesAtOnce),
    play: inSuite(small(16), LATE, FULL, OVERTAKING),
  },
  ...[{}, PACKED].flatMap((options) =>
    behindEach(adapter, asks, judged({ machine: () => gceN1(options) }), {
      'has the last buffer read': readsLast,
    }),
  ),
  ...behindEach(card, (nic) => nic.post(FRAME), judged({ machine: gceN1 }), { 'fills in late': fillsInLate }),
];
