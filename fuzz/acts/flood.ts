import type { Random } from '../../src/core/random.ts';
import { VIRTQ_DESC_F } from '../../src/virtio/registers.ts';
import { kick, liveRings, type Ring } from './live-rings.ts';
import type { Act, Player } from './player.ts';

const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;
const DESCRIPTOR = 16;
const TABLE_ENTRIES = [8, 64, 512, 8192];
const LENGTHS = [0, 1, 16, 4096, 0x1_0000, 0x10_0000];
/** Headers are small and come first, so that a device has a valid request. */
const FIRST_LENGTHS = [10, 12, 51, 4096];

/** Gives a device as much work in one kick as a ring can hold: long tables, and one chain in every slot. */
export const floodRings: Act = (player) => {
  const { random } = player;
  const rings = liveRings(player);
  if (rings.length === 0 || random.below(4) !== 0) return;
  const ring = rings[random.below(rings.length)]!;
  const table = writeTable(player);
  pointAt(player, ring, table);
  const { memory } = player.wire;
  const idx = memory.load(ring.driver + 2, 2);
  const times = random.below(2) === 0 ? 1 : ring.size;
  memory.fill(ring.driver + 4, 0, ring.size * 2);
  memory.store(ring.driver + 2, (idx + times) & 0xffff, 2);
  kick(player, ring);
};

interface Table {
  readonly at: number;
  readonly entries: number;
}

/** Readable entries, then writable ones, in bytes for a single write to RAM. */
function writeTable({ wire, random, places }: Player): Table {
  const entries = TABLE_ENTRIES[random.below(TABLE_ENTRIES.length)]!;
  const at = places.room(entries * DESCRIPTOR);
  const bytes = new Uint8Array(entries * DESCRIPTOR);
  const view = new DataView(bytes.buffer);
  const little = wire.memory.endian === 'le';
  const writableFrom = random.below(3) === 0 ? 0 : random.below(2) === 0 ? 1 : random.below(entries + 1);
  const room = LENGTHS[random.below(LENGTHS.length)]!;
  const buffer = places.room(room);
  for (let i = 0; i < entries; i++) {
    view.setUint32(i * DESCRIPTOR, buffer, little);
    view.setUint32(i * DESCRIPTOR + 8, i === 0 ? first(random, room) : room, little);
    const flags = (i >= writableFrom ? WRITE : 0) | (i + 1 < entries ? NEXT : 0);
    view.setUint16(i * DESCRIPTOR + 12, flags, little);
    view.setUint16(i * DESCRIPTOR + 14, i + 1, little);
  }
  wire.memory.write(at, bytes);
  return { at, entries };
}

function first(random: Random, room: number): number {
  return Math.min(room, FIRST_LENGTHS[random.below(FIRST_LENGTHS.length)]!);
}

function pointAt({ wire, random }: Player, { desc, size }: Ring, { at, entries }: Table): void {
  const { memory } = wire;
  memory.store(desc, at, 4);
  memory.store(desc + 4, 0, 4);
  memory.store(desc + 8, entries * DESCRIPTOR, 4);
  memory.store(desc + 12, INDIRECT, 2);
  // Where a split ring has `next`, a packed one has flags: available in the first lap.
  memory.store(desc + 14, random.below(2) === 0 ? INDIRECT | 0x80 : random.below(size), 2);
}
