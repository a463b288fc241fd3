import { RngDriver, virtioRng } from '../drivers/virtio-rng.ts';
import { pciPart } from './part.ts';

const BYTES = 32;

/** Entropy devices, and the bytes from each. */
export const randomPart = pciPart<RngDriver, Uint8Array>({
  driver: virtioRng,
  handle: RngDriver,
  use: (rng) => rng.read(BYTES),
  probe: (rng) => rng.read(BYTES),
});
