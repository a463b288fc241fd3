import { bareDriver } from '../../../conformance/broken/bare-ring.ts';
import { behind, behindMemory } from '../../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking, sendsTwice } from '../../../conformance/broken/broken-driver.ts';
import { entriesOf, rewriteRings } from '../../../conformance/broken/rewrite-rings.ts';
import { FRAME } from '../../../conformance/reference.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  PVIRTQ_DESC_F,
  virtq_avail,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import { LATE } from '../queue/split.mutants.ts';

const { AVAIL, USED } = PVIRTQ_DESC_F;
const STATE = AVAIL | USED;
const { NEXT, WRITE } = PVIRTQ_DESC_F;
/** Three buffers: the descriptor, flags and next of each. */
const TWICE = [
  [0, WRITE | NEXT, 1],
  [1, WRITE | NEXT, 0],
  [0, WRITE, 0],
] as const;
const ELEMENT = virtq_used_elem.size;
/** A port that nothing answers, and reads of it between a driver's last look and its request for interrupts. */
const [POST_PORT, BUSY] = [0x80, 100];
/** So many that the first comes back while others are still sent. */
const FRAMES = 40;
/** More than a ring has room for. */
const MANY = 200;
/** Times that frames come together, and longer than a driver is busy with them. */
const [FEW, PAUSE] = [3, 200_000_000];

/** The second frame's header leads to the first frame, as its descriptor did when that was its neighbour. */
const leavesNext: BrokenDriver = {
  ...sendsTwice('lets a chain run into another that the device has', 'virtio/VQ-IMP-32', (port) =>
    rewriteRings(port, { 'desc.next': ({ index, value }) => (index === 2 && value === 3 ? 1 : value) }),
  ),
  machine: () => gceN1(LATE),
};

/** A ring of which descriptor 0 is in the free list twice. */
const takesTwice: BrokenDriver = {
  clause: 'virtio/VQ-IMP-32',
  machine: () => gceN1({ virtio: 'modern', rng: true }),
  model: {
    name: 'takes a descriptor twice for one chain',
    drivers: [
      bareDriver('twice', { size: 4, features: [] }, (ring) => {
        for (const [slot, flags, next] of TWICE)
          ring.put(slot, { address: ring.room(64), length: 64 }, flags, next);
        ring.offer(0, 0);
        ring.kick();
      }),
    ],
    run: () => {},
  },
};

const sendsOften = breaking(
  virtioNet({ interrupts: 'polled' }),
  (nic) => {
    for (let i = 0; i < 6; i++) nic.post(FRAME);
  },
  () => gceN1({ virtio: 'modern', ringFeatures: ['RING_PACKED'], nics: [{ ringSize: 4 }] }),
);

const sendsByInterrupts = breaking(
  virtioNet({ interrupts: 'msix' }),
  (nic) => {
    for (let i = 0; i < FRAMES; i++) nic.post(FRAME);
    nic.flush();
  },
  () => gceN1({ virtio: 'modern', ringFeatures: ['EVENT_IDX'], completion: { latency: 30_000 } }),
);

const sendsAtRandom = breaking(
  virtioNet({ interrupts: 'polled' }),
  (nic) => {
    for (let i = 0; i < MANY; i++) nic.post(FRAME);
  },
  () => gceN1({ nics: [{ ringSize: 256 }], completion: { latency: [1000, 9_000_000], order: 'random' } }),
);

const takesByInterrupts: typeof sendsByInterrupts = (...what) => ({
  ...breaking(virtioNet({ interrupts: 'msix' }), (nic) => nic.post(FRAME))(...what),
  act: (machine, use) => {
    for (let i = 0; i < FEW; i++) {
      use();
      machine.nics[0]!.receive(FRAME, FRAME, FRAME);
    }
    machine.port.wait(() => false, PAUSE);
  },
});

/** Where the ring says which entry interrupts, and whether the driver has looked since it last wrote that. */
interface Rings {
  readonly events: Set<Gpa>;
  /** By the address of used.idx: what was read there last. */
  readonly seen: Map<Gpa, number>;
}

/** By the address of each used.idx: up to where the handler may look. */
function takesOne(port: GuestPort): GuestPort {
  const { memory } = port;
  const ends = new Map<Gpa, { end: number; turn: number }>();
  let turn = 0;
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
      if (size !== undefined)
        ends.set(at + legacyQueueLayout(size).used + virtq_used.offset.idx, { end: 0, turn });
      return at;
    },
    handle: (vector, handler) =>
      port.handle(vector, () => {
        turn++;
        handler();
      }),
    memory: {
      ...behindMemory(memory, (at, value, width) => memory.store(at, value, width)),
      load: (at, width) => {
        const value = memory.load(at, width);
        const of = ends.get(at);
        if (of === undefined) return value;
        if (of.turn !== turn && value !== of.end) of.end = (of.end + 1) & 0xffff;
        of.turn = turn;
        return of.end;
      },
    },
  });
}

/** Takes each used entry for that of the oldest chain that is out, whatever its id. */
function takesInOrder(port: GuestPort): GuestPort {
  const { memory } = port;
  const rings: { avail: Gpa; used: Gpa; size: number; out: number[] }[] = [];
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
      if (size === undefined) return at;
      const { avail, used } = legacyQueueLayout(size);
      rings.push({ avail: at + avail + virtq_avail.size, used: at + used + virtq_used.size, size, out: [] });
      return at;
    },
    memory: {
      ...behindMemory(memory, (at, value, width) => {
        for (const { avail, size, out } of rings) if (at >= avail && at < avail + 2 * size) out.push(value);
        memory.store(at, value, width);
      }),
      load: (at, width) => {
        const value = memory.load(at, width);
        const isId = ({ used, size }: { used: Gpa; size: number }) =>
          at >= used && at < used + ELEMENT * size && (at - used) % ELEMENT === virtq_used_elem.offset.id;
        return rings.find(isId)?.out.shift() ?? value;
      },
    },
  });
}

/** Works a little once the ring is empty, asks for interrupts, and believes that it is still empty. */
function looksOnce(port: GuestPort): GuestPort {
  const { memory } = port;
  const rings: Rings = { events: new Set(), seen: new Map() };
  let asked = false;
  const learn = (at: Gpa, size: number) => {
    const { avail, used } = legacyQueueLayout(size);
    rings.events.add(at + avail + virtq_avail.size + 2 * size);
    rings.seen.set(at + used + virtq_used.offset.idx, 0);
  };
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
      if (size !== undefined) learn(at, size);
      return at;
    },
    memory: {
      ...behindMemory(memory, (at, value, width) => {
        asked = rings.events.has(at);
        for (let i = 0; asked && i < BUSY; i++) port.in(POST_PORT, 1);
        memory.store(at, value, width);
      }),
      load: (at, width) => {
        const before = rings.seen.get(at);
        const value = asked && before !== undefined ? before : memory.load(at, width);
        if (before !== undefined) rings.seen.set(at, value);
        asked = false;
        return value;
      },
    },
  });
}

/** Mistakes that show while the device has something. */
export const MUTANTS: readonly BrokenDriver[] = [
  leavesNext,
  takesTwice,
  sendsOften('never changes its wrap counter', 'virtio/PACKED-IMP-15', (port) =>
    rewriteRings(port, {
      'desc.flags': ({ value }) => ((value & STATE) === USED ? value ^ STATE : value),
    }),
  ),
  sendsOften('sets AVAIL and USED of what it sends by its wrap counter', 'virtio/PACKED-IMP-15', (port) =>
    rewriteRings(port, {
      'desc.flags': ({ value }) => ((value & (STATE | PVIRTQ_DESC_F.WRITE)) === AVAIL ? value | USED : value),
    }),
  ),
  sendsAtRandom('takes used buffers in the order in which they were lent', 'virtio/VQ-IMP-39', takesInOrder),
  takesByInterrupts('takes one used buffer an interrupt', 'virtio/VQ-IMP-37', takesOne),
  sendsByInterrupts('asks for interrupts, and does not look again', 'virtio/VQ-IMP-34', looksOnce),
];
