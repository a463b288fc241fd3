import type { Virtqueue } from '../../src/virtio/queue/virtqueue.ts';
import type { Tally } from '../virtqueue/stopwatch.ts';

/** A device that takes and returns its driver's chains without accessing buffers. */
export function walk(queue: Virtqueue, driver: { offer(): void }, repeats: number): Tally {
  const { chain } = queue;
  let chains = 0;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    driver.offer();
    while (queue.pop()) {
      chains++;
      bytes += chain.readableBytes + chain.writableBytes;
      queue.push(chain.id, chain.writableBytes);
    }
    queue.flush();
  }
  return { chains, bytes };
}
