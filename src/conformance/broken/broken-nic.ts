import type { Gpa } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { type NicDriver, type NicUse, virtioNet } from '../../guest/index.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import { LEGACY_QUEUE_ALIGN, VIRTQ_DESC_F, virtq_desc } from '../../virtio/registers.ts';
import { FRAME } from '../reference.ts';
import { behind, behindMemory } from './behind.ts';
import { type BrokenDriver, breaking } from './broken-driver.ts';
import { entriesOf } from './rewrite-rings.ts';
import { StoredDescriptor } from './stored-descriptor.ts';

const { flags, next } = virtq_desc.offset;
const { NEXT } = VIRTQ_DESC_F;

/** Changes a descriptor of a network driver, at that position of its chain, and the bytes it points at. */
export type Change = (descriptor: StoredDescriptor, position: number, port: GuestPort) => void;

interface Where {
  /** 0 receives, 1 sends; the last is for commands. */
  readonly queue: number;
  /** In its chain. Left out, any. */
  readonly position?: number;
  readonly options?: NicUse;
  readonly machine?: () => Machine;
}

/** The good network driver with one use, and a mistake in some descriptors of one queue. */
export function brokenNic(
  use: (nic: NicDriver) => void,
  { queue, position, options, machine }: Where,
): (name: string, clause: ClauseId, change: Change) => BrokenDriver {
  const good = breaking(virtioNet({ interrupts: 'polled', ...options }), use);
  return (name, clause, change) => ({
    ...good(name, clause, (port) =>
      rewriteDescriptors(port, (descriptor, at) => {
        if (at.queue !== queue) return;
        if (position === undefined || at.position === position) change(descriptor, at.position, port);
      }),
    ),
    ...(machine !== undefined && { machine }),
  });
}

export function post(nic: NicDriver): void {
  nic.post(FRAME);
}

/** Where a descriptor stands that a driver just stored, and has not made available yet. */
interface DescriptorPlace {
  /** Queues count in the order in which the driver made them. */
  readonly queue: number;
  /** 0 is the first of its chain. */
  readonly position: number;
}

/** Each descriptor that a driver stores in a split ring goes through `change`, its buffer already filled. */
function rewriteDescriptors(
  port: GuestPort,
  change: (descriptor: StoredDescriptor, place: DescriptorPlace) => void,
): GuestPort {
  const { memory } = port;
  const rings: { readonly at: Gpa; readonly size: number; position: number }[] = [];
  let flagsStored = -1;
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      if (align === LEGACY_QUEUE_ALIGN) rings.push({ at, size: entriesOf(bytes) ?? 0, position: 0 });
      return at;
    },
    memory: behindMemory(memory, (address, value, width) => {
      memory.store(address, value, width);
      const at = address - next;
      const whole = width === 2 && at % virtq_desc.size === 0 && flagsStored === at + flags;
      flagsStored = width === 2 ? address : -1;
      const queue = whole
        ? rings.findIndex((ring) => at >= ring.at && at < ring.at + ring.size * virtq_desc.size)
        : -1;
      if (queue < 0) return;
      const ring = rings[queue]!;
      const { position } = ring;
      const index = (at - ring.at) / virtq_desc.size;
      const descriptor = new StoredDescriptor(memory, ring.at, ring.size, index);
      ring.position = descriptor.flags & NEXT ? position + 1 : 0;
      change(descriptor, { queue, position });
    }),
  });
}
