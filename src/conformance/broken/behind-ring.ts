import type { GuestPort } from '../../core/guest-port.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_ADDRESS,
  QUEUE_SELECT,
  QUEUE_SIZE,
  virtq_avail,
  virtq_desc,
} from '../../virtio/registers.ts';
import { behind, behindMemory, headerAddress } from './behind.ts';
import { StoredDescriptor } from './stored-descriptor.ts';

/** Every descriptor in the table of queue `queue` goes through `change` once the driver has stored all of it. */
export function changeDescriptors(
  port: GuestPort,
  bdf: number,
  queue: number,
  change: (descriptor: StoredDescriptor) => void,
): GuestPort {
  const header = headerAddress(port, bdf);
  const { memory } = port;
  let selected = 0;
  let table = 0;
  let size = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === header + QUEUE_SELECT.offset) selected = value;
      if (at === header + QUEUE_ADDRESS.offset && selected === queue) {
        table = value * LEGACY_QUEUE_ALIGN;
        size = port.in(header + QUEUE_SIZE.offset, 2);
      }
      port.out(at, value, width);
    },
    memory: behindMemory(memory, (address, value, width) => {
      memory.store(address, value, width);
      const at = address - table;
      // Of an entry, `next` is stored last.
      if (at < 0 || at >= size * virtq_desc.size || at % virtq_desc.size !== virtq_desc.offset.next) return;
      change(new StoredDescriptor(memory, table, size, Math.floor(at / virtq_desc.size)));
    }),
  });
}

/** Every store of avail.idx of queue `queue` goes through `rewrite`; null drops the store. */
export function rewriteIndex(
  port: GuestPort,
  bdf: number,
  queue: number,
  rewrite: (idx: number) => number | null,
): GuestPort {
  const header = headerAddress(port, bdf);
  const { memory } = port;
  let selected = 0;
  let index = 0;
  return behind(port, {
    out: (at, value, width) => {
      if (at === header + QUEUE_SELECT.offset) selected = value;
      if (at === header + QUEUE_ADDRESS.offset && selected === queue) {
        const { avail } = legacyQueueLayout(port.in(header + QUEUE_SIZE.offset, 2));
        index = value * LEGACY_QUEUE_ALIGN + avail + virtq_avail.offset.idx;
      }
      port.out(at, value, width);
    },
    memory: behindMemory(memory, (address, value, width) => {
      const changed = address === index ? rewrite(value) : value;
      if (changed !== null) memory.store(address, changed, width);
    }),
  });
}
