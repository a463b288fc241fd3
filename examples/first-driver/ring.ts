import type { GuestPort } from 'guestrig';

// virtio 1.4, 4.1.4.8 and 2.7.5: the legacy registers of a queue, and the flags of a descriptor.
const [QUEUE_ADDRESS, QUEUE_SIZE, QUEUE_SELECT, QUEUE_NOTIFY] = [8, 12, 14, 16];
const [NEXT, WRITE] = [1, 2];
const NO_INTERRUPT = 1;
const PAGE = 4096;

/** RAM for the device: `w` to write it, else to read it. */
export type Piece = readonly [address: number, length: number, access: 'r' | 'w'];

/** Makes a polled split virtqueue (virtio 1.4, 2.7) of the queue, for one chain of buffers at a time. */
export function makeRing(port: GuestPort, base: number, queue: number) {
  port.out(base + QUEUE_SELECT, queue, 2);
  const size = port.in(base + QUEUE_SIZE, 2);
  if (size === 0) throw new Error(`there is no queue ${queue}`);
  const usedOffset = Math.ceil((18 * size + 6) / PAGE) * PAGE;
  const desc = port.allocate(usedOffset + 8 * size + 6, PAGE);
  const [avail, used] = [desc + 16 * size, desc + usedOffset];
  port.out(base + QUEUE_ADDRESS, desc / PAGE, 4);
  const { memory } = port;
  memory.store(avail, NO_INTERRUPT, 2);
  let added = 0;
  return {
    offer(pieces: readonly Piece[]): void {
      pieces.forEach(([address, length, access], i) => {
        const flags = (i + 1 < pieces.length ? NEXT : 0) | (access === 'w' ? WRITE : 0);
        memory.store(desc + 16 * i, address % 2 ** 32, 4);
        memory.store(desc + 16 * i + 4, Math.floor(address / 2 ** 32), 4);
        memory.store(desc + 16 * i + 8, length, 4);
        memory.store(desc + 16 * i + 12, flags, 2);
        memory.store(desc + 16 * i + 14, i + 1, 2);
      });
      memory.store(avail + 4 + 2 * (added % size), 0, 2);
      added = (added + 1) % 2 ** 16;
      memory.fence();
      memory.store(avail + 2, added, 2);
      port.out(base + QUEUE_NOTIFY, queue, 2);
    },
    /** Whether the device is done with what it was offered. */
    isDone: () => memory.load(used + 2, 2) === added,
    /** How many bytes it wrote. */
    written: () => memory.load(used + 4 + 8 * ((added - 1) % size) + 4, 4),
  };
}
