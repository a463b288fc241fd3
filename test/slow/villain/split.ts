import { VIRTQ_DESC_F } from '../../../src/virtio/registers.ts';
import { BYTES, RAM, type Ring, type RingPlay, SIZE } from './play.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const BEYOND = 0xe000_0000;
const END = 2 ** 64 - 4096;
/** Near the end of RAM. */
const LAST = RAM - 32;

const buffer = (ring: Ring, length = BYTES) => ({ address: ring.room(length), length });
/** One chain from descriptor 0, kicked. */
const sends =
  (fill: (ring: Ring) => void): RingPlay['act'] =>
  (ring) => {
    fill(ring);
    ring.offer(0, 0);
    ring.kick();
  };
const one = (address: number, length: number, flags: number = WRITE): RingPlay => ({
  act: sends((ring) => ring.put(0, { address, length }, flags, 0)),
});
/** A good chain, which the device has. */
const lent = (ring: Ring) => {
  const room = buffer(ring);
  ring.put(0, room, WRITE, 0);
  ring.offer(0, 0);
  ring.kick();
  return room;
};
/** A table of `entries` behind descriptor 0, so many bytes long. */
const table = (
  fill: (ring: Ring, table: number) => void,
  { bytes = 32, flags = INDIRECT as number, address = null as number | null } = {},
): RingPlay => ({
  features: ['INDIRECT_DESC'],
  act: sends((ring) => {
    const at = address ?? ring.room(16 * (SIZE + 2));
    if (address === null) fill(ring, at);
    // A length of 0 is not one that the driver's own helper would store.
    ring.put(0, { address: at, length: Math.max(bytes, 1) }, flags, 1);
    ring.memory.store(ring.desc + 8, bytes, 4);
  }),
});
const entries = (ring: Ring, at: number) => {
  ring.put(0, buffer(ring), WRITE | NEXT, 1, at);
  ring.put(1, buffer(ring), WRITE, 0, at);
};
const over = (place: (ring: Ring) => number): RingPlay => ({
  act: (ring) => {
    ring.put(0, { address: place(ring), length: 8 }, WRITE, 0);
    ring.offer(0, 0);
    ring.kick();
  },
});

/** How tests of split rings are played, by their numbers. */
export const SPLIT_PLAYS: Readonly<Record<string, RingPlay>> = {
  T0001: {
    act: sends((ring) => {
      ring.put(0, buffer(ring), WRITE | NEXT, 1);
      ring.put(1, buffer(ring), WRITE | NEXT, 0);
    }),
  },
  T0002: {
    act: sends((ring) => {
      for (let i = 0; i < SIZE; i++) ring.put(i, buffer(ring), WRITE | NEXT, (i + 1) % SIZE);
    }),
  },
  T0003: { act: sends((ring) => ring.put(0, buffer(ring), WRITE | NEXT, SIZE)) },
  T0005: one(BEYOND, BYTES),
  T0006: {
    act: sends((ring) => {
      ring.put(0, buffer(ring), WRITE, 0);
      ring.memory.store(ring.desc + 8, 0, 4);
    }),
  },
  T0007: { act: sends((ring) => ring.put(0, { address: ring.room(BYTES), length: 0xffff_ffff }, WRITE, 0)) },
  T0008: one(END, 8192),
  T0009: { act: sends((ring) => ring.put(0, buffer(ring), 0, 0)) },
  T0015: {
    act: sends((ring) => {
      const at = ring.room(32);
      entries(ring, at);
      ring.put(0, { address: at, length: 32 }, INDIRECT, 0);
    }),
  },
  T0016: table((ring, at) => ring.put(0, { address: at, length: 16 }, INDIRECT, 0, at)),
  T0017: table(entries, { flags: INDIRECT | NEXT }),
  T0018: table(entries, { bytes: 40 }),
  T0019: table(entries, { bytes: 0 }),
  T0020: table(entries, { address: BEYOND }),
  T0021: table((ring, at) => {
    ring.put(0, buffer(ring), WRITE | NEXT, 1, at);
    ring.put(1, buffer(ring), WRITE | NEXT, 0, at);
  }),
  T0022: {
    act: (ring) => {
      lent(ring);
      ring.offer(1, 0);
      ring.kick();
    },
  },
  T0023: {
    act: (ring) => {
      lent(ring);
      ring.idx(SIZE + 2);
      ring.kick();
    },
  },
  T0024: {
    act: (ring) => {
      lent(ring);
      ring.idx(0xfff0);
      ring.kick();
    },
  },
  T0025: {
    act: (ring) => {
      ring.put(0, buffer(ring), WRITE, 0);
      ring.offer(0, SIZE);
      ring.kick();
    },
  },
  T0026: {
    act: (ring) => {
      ring.memory.store(ring.driver, 0xfffe, 2);
      lent(ring);
    },
  },
  T0028: {
    act: (ring) => {
      ring.memory.store(ring.device + 2, 0xbeef, 2);
      ring.memory.store(ring.device + 4, 0xdead, 4);
    },
  },
  T0029: { act: (ring) => ring.memory.store(ring.device, 1, 2) },
  T0051: {
    act: (ring) => {
      lent(ring);
      ring.memory.store(ring.desc + 8, 1, 4);
    },
  },
  T0052: { act: (ring) => ring.port.release(lent(ring).address) },
  T0053: {
    act: sends((ring) => {
      ring.put(0, buffer(ring), WRITE | NEXT, 1);
      ring.put(1, buffer(ring), 0, 0);
    }),
  },
  T0054: table(
    (ring, at) => {
      for (let i = 0; i <= SIZE; i++) ring.put(i, buffer(ring), WRITE | (i < SIZE ? NEXT : 0), i + 1, at);
    },
    { bytes: 16 * (SIZE + 1) },
  ),
  T0056: {
    act: (ring) => {
      ring.put(0, buffer(ring), WRITE, 0);
      ring.offer(0, 0);
      ring.memory.store(ring.desc + 8, BYTES / 2, 4);
      ring.kick();
    },
  },
  T0057: {
    act: (ring) => {
      lent(ring);
      ring.idx(0);
      ring.kick();
      ring.idx(0xffff);
      ring.kick();
    },
  },
  T0058: table(entries, { address: LAST, bytes: 64 }),
  T0059: table(entries, { flags: INDIRECT | NEXT }),
  T0061: {
    act: sends((ring) => {
      ring.put(0, { address: 0, length: 1 }, WRITE, 0);
      ring.memory.store(ring.desc + 8, 0, 4);
    }),
  },
  T0063: one(0xfebf_0000, BYTES),
  T0064: table(
    (ring, at) => {
      for (let i = 0; i <= SIZE; i++) ring.put(i, buffer(ring), WRITE | (i < SIZE ? NEXT : 0), i + 1, at);
    },
    { bytes: 16 * (SIZE + 1) },
  ),
  T0070: over((ring) => ring.desc),
  T0072: table(entries, { bytes: 0 }),
  T0073: one(LAST, 4096),
  T0074: {
    act: (ring) => {
      ring.put(0, buffer(ring), WRITE, 0);
      for (let i = 0; i < SIZE; i++) ring.offer(i, 0);
      ring.kick();
    },
  },
  T0075: { act: (ring) => ring.port.release(lent(ring).address) },
  T0077: one(4096, 0xffff_ffff),
  T0082: { act: sends((ring) => ring.put(0, { address: END, length: 0xffff_ffff }, 0xffff, 0xffff)) },
  T0084: {
    act: (ring) => {
      for (let i = 0; i < SIZE; i++) ring.offer(i, 0xffff);
      ring.kick();
    },
  },
  T0089: table((ring, at) => ring.put(0, { address: at, length: 16 }, INDIRECT | WRITE, 0, at)),
  T0099: table(entries, { bytes: 0xffff_fff0 }),
  T0100: table(entries, { flags: INDIRECT | NEXT }),
  T0105: one(END, 8192),
  T0121: one(0xfebf_0000, BYTES, 0),
  T0124: over((ring) => ring.device),
  T0126: {
    act: sends((ring) => {
      ring.put(0, { address: END, length: 8192 }, WRITE | NEXT, 1);
      ring.put(1, buffer(ring), WRITE, 0);
    }),
  },
  T0128: one(END, 8192, 0),
};
