import { describe, expect, test } from 'vitest';
import { GuestMemory } from '../src/core/memory.ts';
import { Rig } from '../src/core/rig.ts';
import { Segments } from '../src/core/segments.ts';
import { PackedQueue } from '../src/virtio/queue/packed-queue.ts';
import { SplitQueue } from '../src/virtio/queue/split-queue.ts';

/** By their numbers in virtio 1.4: this test shares no declaration with the devices. */
const NEXT = 1;
const WRITE = 2;
const AVAIL = 0x80;
const USED = 0x8000;

const PAGE = 0x1000;
/** Room for the largest ring: 32768 descriptors, and the two areas of a split one. */
const RING_BYTES = 0x10_0000;

/** Sparse RAM: 64 KiB of buffers, and a ring, each at its given address. */
class Place extends Rig {
  readonly host = {
    board: this.board,
    queueInterrupt: () => {},
    eventIdx: false,
    indirect: false,
    inOrder: false,
    notifyOnEmpty: false,
  };
  readonly ring: DataView;
  readonly buffers: Uint8Array;

  constructor(ringAt: number, buffersAt: number) {
    const memory = new GuestMemory();
    const ring = new Uint8Array(RING_BYTES);
    const buffers = new Uint8Array(16 * PAGE);
    memory.map(ringAt, ring);
    memory.map(buffersAt, buffers);
    super(memory);
    this.ring = new DataView(ring.buffer);
    this.buffers = buffers;
  }

  describe(slot: number, address: number, length: number, low: number, high: number): void {
    this.ring.setBigUint64(slot * 16, BigInt(address), true);
    this.ring.setUint32(slot * 16 + 8, length, true);
    this.ring.setUint16(slot * 16 + 12, low, true);
    this.ring.setUint16(slot * 16 + 14, high, true);
  }
}

interface Driver {
  readonly queue: SplitQueue | PackedQueue;
  /** Makes the descriptors `slot`, to be read, and the next one, to be written, available as one chain. */
  offer(slot: number, round: number, address: number): void;
  /** The id that was used last. */
  used(count: number, slot: number): number;
}

function split(place: Place, at: number, size: number): Driver {
  const avail = 16 * size;
  const used = avail + 4 + 2 * size + 4;
  const queue = new SplitQueue(0, size, place.host);
  queue.configure(at, at + avail, at + used);
  let idx = 0;
  return {
    queue,
    offer(slot, _round, address) {
      const next = (slot + 1) % size;
      place.describe(slot, address, 4, NEXT, next);
      place.describe(next, address + 8, 8, WRITE, 0);
      place.ring.setUint16(avail + 4 + 2 * (idx % size), slot, true);
      idx = (idx + 1) & 0xffff;
      place.ring.setUint16(avail + 2, idx, true);
    },
    used: (count) => place.ring.getUint32(used + 4 + 8 * ((count - 1) % size), true),
  };
}

function packed(place: Place, at: number, size: number): Driver {
  const queue = new PackedQueue(0, size, place.host);
  queue.configure(at, at + 16 * size, at + 16 * size + 4);
  return {
    queue,
    offer(slot, round, address) {
      const flags = (lap: number) => (lap % 2 === 0 ? AVAIL : USED);
      const wraps = slot + 1 === size;
      place.describe(slot, address, 4, 0, NEXT | flags(round));
      place.describe((slot + 1) % size, address + 8, 8, slot, WRITE | flags(wraps ? round + 1 : round));
    },
    used: (_count, slot) => place.ring.getUint16(slot * 16 + 12, true),
  };
}

const FORMATS = [
  { name: 'split', make: split },
  { name: 'packed', make: packed },
];
const BELOW_2G = 0x7fff_0000;
const ABOVE_2G = 0x8000_0000;
const ABOVE_4G = 0x1_0000_0000;
const ABOVE_64G = 0x10_0000_0000;
const LOW = 0;
const RING_AT = 0x1000_0000;

/** Takes `chains` chains of two, one after the other; returns the data read, the lengths, and the used entries. */
function play(driver: Driver, place: Place, size: number, at: number, chains: number) {
  const { queue } = driver;
  const [readable, writable] = [new Segments(), new Segments()];
  const wrong: string[] = [];
  const into = new Uint8Array(4);
  for (let i = 0; i < chains; i++) {
    const position = 2 * i;
    const slot = position % size;
    const offset = (i * 16) % (16 * PAGE);
    place.buffers.set([i & 0xff, (i >> 8) & 0xff, 1, 2], offset);
    driver.offer(slot, Math.floor(position / size), at + offset);
    if (!queue.pop()) return [`chain ${i} was not taken`];
    queue.chain.resolve(readable, writable);
    readable.gather(into);
    writable.scatter(Uint8Array.of(9, i & 0xff, 9, 9, 9, 9, 9, 9));
    queue.push(queue.chain.id, 8);
    queue.flush();
    if (into[0] !== (i & 0xff) || into[1] !== ((i >> 8) & 0xff)) wrong.push(`other bytes in chain ${i}`);
    if (place.buffers[offset + 9] !== (i & 0xff)) wrong.push(`no answer to chain ${i}`);
    if (driver.used(i + 1, slot) !== slot) wrong.push(`another id after chain ${i}`);
  }
  return wrong;
}

describe.each(FORMATS)('a $name ring', ({ make }) => {
  // The ring lies in low RAM, where an address cut to 32 bits would be RAM, too.
  test.each([
    ['up to the last byte below 2 GiB', LOW, BELOW_2G],
    ['from 2 GiB up', LOW, ABOVE_2G],
    ['from 4 GiB up', LOW, ABOVE_4G],
    ['from 64 GiB up', LOW, ABOVE_64G],
    ['from 0 up', RING_AT, LOW],
  ])('takes buffers %s', (_, ringAt, buffersAt) => {
    const place = new Place(ringAt, buffersAt);
    // 4096 chains fill the 64 KiB once.
    expect(play(make(place, ringAt, 16), place, 16, buffersAt, 4096)).toEqual([]);
    expect(place.findings).toEqual([]);
  });

  test.each([
    ['2 GiB', ABOVE_2G],
    ['4 GiB', ABOVE_4G],
    ['64 GiB', ABOVE_64G],
  ])('may lie above %s', (_, ringAt) => {
    const place = new Place(ringAt, LOW);
    expect(play(make(place, ringAt, 16), place, 16, LOW, 100)).toEqual([]);
    expect(place.findings).toEqual([]);
  });

  test.each([2, 4, 8192, 16_384, 32_768])('of %i entries goes on past its end and past 65536', (size) => {
    const place = new Place(RING_AT, LOW);
    // Chains of two: indexes of either format pass 65536 at the latest now.
    expect(play(make(place, RING_AT, size), place, size, LOW, 66_000)).toEqual([]);
    expect(place.findings).toEqual([]);
  });
});

test.each([3, 5, 1000, 32_767])('a packed ring of %i entries has chains across its end', (size) => {
  const place = new Place(RING_AT, LOW);
  expect(play(packed(place, RING_AT, size), place, size, LOW, 66_000)).toEqual([]);
  expect(place.findings).toEqual([]);
});
