import { GuestMemory } from '../../../../core/memory.ts';
import { VIRTQ_DESC_F } from '../../../../virtio/registers.ts';

/** RAM with a ring of eight entries in it, and what a driver stored. */
export const RAM_END = 0x1_0000;
export const RING = { endian: 'le', size: 8, desc: 0x1000, driver: 0x2000, device: 0x3000 } as const;
export const { NEXT, WRITE, INDIRECT } = VIRTQ_DESC_F;

/** RAM that holds these words of 16 bits, by address. */
export function ramOf(...words: readonly (readonly [at: number, ...values: number[]])[]): GuestMemory {
  const memory = GuestMemory.of(RAM_END);
  for (const [at, ...values] of words) memory.write(at, new Uint8Array(Uint16Array.from(values).buffer));
  return memory;
}

/** The words of a descriptor: an address and a length below 65536, and the two words behind. */
export const desc = (index: number, addr: number, len: number, third: number, fourth: number) =>
  [RING.desc + 16 * index, addr, 0, 0, 0, len, 0, third, fourth] as const;

export const focus = (packed: boolean, more: object = {}) => ({
  place: { ...RING, packed },
  taken: 0,
  chain: null,
  slot: null,
  about: null,
  ...more,
});
