import type { Random } from '../../src/core/random.ts';
import { anyValue } from '../guest/values.ts';
import { kick, liveRings, type Ring } from './live-rings.ts';
import type { Act, Player } from './player.ts';

const DESCRIPTOR = 16;

/** Writes arbitrary content into a ring in use, and kicks. */
export const forgeRings: Act = (player) => {
  const { random } = player;
  const rings = liveRings(player);
  if (rings.length === 0) return;
  const ring = rings[random.below(rings.length)]!;
  for (let times = 1 + random.below(4); times > 0; times--) {
    if (random.below(4) !== 0) writeDescriptors(player, ring);
    if (random.below(4) === 0) writeTable(player, ring);
    makeAvailable(player, ring);
    kick(player, ring);
  }
};

function writeDescriptors({ wire, random, places }: Player, { desc, size }: Ring): void {
  for (let times = 1 + random.below(8); times > 0; times--)
    writeDescriptor(
      wire.memory.store.bind(wire.memory),
      random,
      desc + random.below(Math.min(size, 8)) * DESCRIPTOR,
      {
        address: random.below(8) === 0 ? places.mmio() : places.ram(),
        size,
      },
    );
}

/** A table in RAM, and a descriptor for it: split and packed rings have the flag at different offsets. */
function writeTable({ wire, random, places }: Player, { desc, size }: Ring): void {
  const table = places.ram() & ~15;
  const store = wire.memory.store.bind(wire.memory);
  const entries = 1 + random.below(random.below(8) === 0 ? 300 : 8);
  for (let i = 0; i < entries; i++)
    writeDescriptor(store, random, table + i * DESCRIPTOR, { address: places.ram(), size: entries });
  const at = desc + random.below(Math.min(size, 8)) * DESCRIPTOR;
  store(at, table, 4);
  store(at + 4, 0, 4);
  store(at + 8, entries * DESCRIPTOR, 4);
  store(at + 12, 4, 2);
  store(at + 14, 0x84, 2);
}

function writeDescriptor(
  store: (address: number, value: number, width: 1 | 2 | 4) => void,
  random: Random,
  at: number,
  to: { address: number; size: number },
): void {
  const flags = [0, 1, 2, 3, 1, 3, 4, 5, 0xffff][random.below(9)]!;
  store(at, to.address % 2 ** 32, 4);
  store(at + 4, random.below(16) === 0 ? anyValue(random, 4) : 0, 4);
  store(at + 8, random.below(2) === 0 ? random.below(300) : anyValue(random, 4), 4);
  store(at + 12, flags, 2);
  store(at + 14, random.below(2) === 0 ? random.below(to.size) : flags | 0x80, 2);
}

function makeAvailable({ wire, random }: Player, { driver, size }: Ring): void {
  const { memory } = wire;
  const idx = memory.load(driver + 2, 2);
  const count = random.below(random.below(16) === 0 ? size + 2 : 5);
  for (let i = 0; i < Math.min(count, 32); i++)
    memory.store(
      driver + 4 + ((idx + i) % size) * 2,
      random.below(8) === 0 ? anyValue(random, 2) : random.below(8),
      2,
    );
  memory.store(driver + 2, (idx + count) & 0xffff, 2);
  if (random.below(8) === 0) memory.store(driver, random.below(4), 2);
}
