import { PVIRTQ_DESC_F } from '../../../src/virtio/registers.ts';
import { BYTES, RAM, type Ring, type RingPlay, SIZE } from './play.ts';

const { NEXT, WRITE, INDIRECT, AVAIL, USED } = PVIRTQ_DESC_F;
const BEYOND = 0xe000_0000;
const END = 2 ** 64 - 4096;
const LAST = RAM - 32;
const LATE = 1_000_000;
const RING = ['RING_PACKED'] as const;
const TABLES = ['RING_PACKED', 'INDIRECT_DESC'] as const;

const buffer = (ring: Ring, length = BYTES) => ({ address: ring.room(length), length });
const does = (act: (ring: Ring) => void): RingPlay => ({
  features: RING,
  act: (ring) => {
    act(ring);
    ring.kick();
  },
});
const one = (address: number, length: number, flags: number = WRITE): RingPlay =>
  does((ring) => ring.put(0, { address, length }, 0, flags | AVAIL));
const lent = (ring: Ring, slot = 0, id = slot) => {
  const room = buffer(ring);
  ring.put(slot, room, id, WRITE | AVAIL);
  ring.kick();
  return room;
};
const table = (
  fill: (ring: Ring, table: number) => void,
  { bytes = 32, flags = INDIRECT as number, address = null as number | null } = {},
): RingPlay => ({
  features: TABLES,
  act: (ring) => {
    const at = address ?? ring.room(16 * (SIZE + 2));
    if (address === null) fill(ring, at);
    ring.put(0, { address: at, length: Math.max(bytes, 1) }, 0, 0);
    ring.memory.store(ring.desc + 8, bytes, 4);
    ring.memory.store(ring.desc + 14, flags | AVAIL, 2);
    ring.kick();
  },
});
const entries = (ring: Ring, at: number, flags: number = WRITE) => {
  for (const i of [0, 1]) ring.put(i, buffer(ring), 0, flags, at);
};

/** How tests of packed rings are played, by their numbers. */
export const PACKED_PLAYS: Readonly<Record<string, RingPlay>> = {
  P0001: does((ring) => {
    lent(ring);
    ring.memory.store(ring.desc + 8, 1, 4);
  }),
  P0002: does((ring) => {
    for (let i = 0; i < SIZE; i++) lent(ring, i);
    ring.wait(2 * LATE);
    ring.put(0, buffer(ring), 0, WRITE | USED);
  }),
  P0003: does((ring) => {
    for (let i = SIZE - 1; i >= 0; i--) ring.put(i, buffer(ring), 0, WRITE | NEXT | AVAIL);
  }),
  P0004: does((ring) => ring.put(0, buffer(ring), 0, WRITE | NEXT | AVAIL)),
  P0005: does((ring) => {
    const at = ring.room(32);
    entries(ring, at);
    ring.put(0, { address: at, length: 32 }, 0, INDIRECT | AVAIL);
  }),
  P0006: table((ring, at) => entries(ring, at, WRITE | NEXT)),
  P0007: {
    features: TABLES,
    act: (ring) => {
      const at = ring.room(32);
      entries(ring, at);
      ring.put(1, { address: at, length: 32 }, 0, INDIRECT | AVAIL);
      ring.put(0, buffer(ring), 0, WRITE | NEXT | AVAIL);
      ring.kick();
    },
  },
  P0008: does((ring) => {
    for (let i = SIZE - 1; i >= 0; i--) ring.put(i, buffer(ring), 0, WRITE | NEXT | AVAIL);
  }),
  P0010: does((ring) => {
    ring.put(1, buffer(ring), 0, AVAIL);
    ring.put(0, buffer(ring), 0, WRITE | NEXT | AVAIL);
  }),
  P0013: does((ring) => {
    lent(ring, 0, 3);
    lent(ring, 1, 3);
  }),
  P0014: does((ring) => {
    ring.memory.store(ring.driver + 2, 0xfffc, 2);
    lent(ring);
  }),
  P0021: does((ring) => {
    ring.put(2, buffer(ring), 0, WRITE | AVAIL);
    ring.put(0, buffer(ring), 0, WRITE | NEXT | AVAIL);
  }),
  P0022: {
    features: TABLES,
    act: (ring) => {
      for (const slot of [0, 1]) {
        const at = ring.room(32);
        entries(ring, at);
        ring.put(slot, { address: at, length: 32 }, 5, INDIRECT | AVAIL);
        ring.kick();
      }
    },
  },
  P0031: does((ring) => {
    ring.memory.store(ring.driver + 2, 3, 2);
    lent(ring);
  }),
  P0040: table(entries, { flags: INDIRECT | NEXT }),
  P0045: does((ring) => {
    ring.put(0, buffer(ring), 0, 0);
    ring.memory.store(ring.desc + 8, 0, 4);
    ring.memory.store(ring.desc + 14, WRITE | AVAIL, 2);
  }),
  P0046: does((ring) => ring.put(0, { address: ring.room(BYTES), length: 0xffff_ffff }, 0, WRITE | AVAIL)),
  P0048: does((ring) => ring.put(0, buffer(ring), 0, WRITE | NEXT | AVAIL)),
  P0049: table((ring, at) => entries(ring, at, WRITE | AVAIL | USED)),
  P0050: table((ring, at) => ring.put(0, { address: at, length: 16 }, 0, INDIRECT, at)),
  P0051: does((ring) => ring.put(0, buffer(ring), 0, AVAIL)),
  P0060: one(0xfebf_0000, BYTES),
  P0061: one(END, 8192),
  P0062: table((ring, at) => ring.put(0, { address: END, length: 8192 }, 0, WRITE, at), { bytes: 16 }),
  P0065: one(BEYOND, BYTES),
  P0066: one(LAST, 4096),
  P0067: does((ring) => ring.put(0, { address: ring.desc, length: 16 }, 0, WRITE | AVAIL)),
  P0069: table(entries, { bytes: 0 }),
  P0070: one(0xfee0_0000, BYTES),
  P0071: one(4096, 0xffff_ffff),
  P0072: does((ring) => {
    ring.put(0, { address: 0, length: 1 }, 0, 0);
    ring.memory.store(ring.desc + 8, 0, 4);
    ring.memory.store(ring.desc + 14, WRITE | AVAIL, 2);
  }),
  P0073: table((ring, at) => entries(ring, at, WRITE | NEXT)),
  P0075: one(0xfebf_0000, BYTES, 0),
  P0082: table(entries, { address: BEYOND }),
  P0083: table(entries, { bytes: 40 }),
  P0085: table(
    (ring, at) => {
      for (let i = 0; i <= SIZE; i++) ring.put(i, buffer(ring), 0, WRITE, at);
    },
    { bytes: 16 * (SIZE + 1) },
  ),
  P0086: {
    features: TABLES,
    act: (ring) => {
      for (const slot of [1, 0]) {
        const at = ring.room(32);
        entries(ring, at);
        ring.put(slot, { address: at, length: 32 }, 0, INDIRECT | AVAIL | (slot === 0 ? NEXT : 0));
      }
      ring.kick();
    },
  },
};
