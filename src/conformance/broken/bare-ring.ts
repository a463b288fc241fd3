import { BitSet } from '../../core/bit-set.ts';
import type { Gpa, Nanos } from '../../core/bits.ts';
import type { Driver } from '../../core/driver.ts';
import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import { isVirtio } from '../../guest/virtio/identity.ts';
import { storeSegment } from '../../guest/virtio/indirect-tables.ts';
import { VirtioDriver } from '../../guest/virtio/virtio-driver.ts';
import {
  FEATURE,
  pvirtq_desc,
  pvirtq_event_suppress,
  virtq_avail,
  virtq_desc,
  virtq_used,
  virtq_used_elem,
} from '../../virtio/registers.ts';
import { queue_size } from '../../virtio/transport/modern/registers.ts';
import { CommonRegister } from './behind-modern.ts';

const QUEUE = 0;
const DESC = virtq_desc.size;

interface BareUse {
  /** Entries of the ring. */
  readonly size: number;
  /** Beside VERSION_1. */
  readonly features: readonly number[];
}

/**
 * The ring of an entropy device, filled by hand: entries are stored as given. The device is ready, and its queue has
 * the requested size.
 *
 * @example
 * const ring = new BareRing(port, bdf, { size: 4, features: [FEATURE.RING_PACKED] });
 * ring.put(0, { address: ring.room(64), length: 64 }, id, WRITE | AVAIL);
 * ring.kick();
 */
export class BareRing {
  readonly port: GuestPort;
  readonly memory: DriverMemory;
  readonly size: number;
  readonly desc: Gpa;
  readonly driver: Gpa;
  readonly device: Gpa;
  private readonly virtio: VirtioDriver;

  constructor(port: GuestPort, bdf: number, { size, features }: BareUse) {
    this.port = port;
    this.memory = port.memory;
    this.size = size;
    this.virtio = new VirtioDriver(port, bdf, 'bare', { interrupts: 'polled' });
    const wanted = new BitSet();
    for (const bit of [FEATURE.VERSION_1, ...features]) wanted.add(bit);
    this.virtio.negotiate(() => wanted);
    const packed = wanted.has(FEATURE.RING_PACKED);
    const event = pvirtq_event_suppress.size;
    this.desc = this.room(size * DESC);
    this.driver = this.room(packed ? event : virtq_avail.size + 2 * size + 2);
    this.device = this.room(packed ? event : virtq_used.size + virtq_used_elem.size * size + 2);
    const { transport } = this.virtio;
    transport.queueSize(QUEUE);
    new CommonRegister(port, bdf, queue_size).write(size);
    transport.setQueue(QUEUE, this);
    transport.enableQueue(QUEUE);
    this.virtio.ready();
  }

  /** Unused memory. */
  room(bytes: number): Gpa {
    return this.port.allocate(bytes, 16);
  }

  /** A descriptor: what stands at 12 and 14, flags and next of a split ring, id and flags of a packed one. */
  put(slot: number, segment: { address: Gpa; length: number }, at12: number, at14: number): void {
    const at = this.desc + slot * DESC;
    storeSegment(this.memory, at, segment);
    this.memory.store(at + pvirtq_desc.offset.id, at12, 2);
    this.memory.store(at + pvirtq_desc.offset.flags, at14, 2);
  }

  /** Split: an entry of the available ring, and the index behind it. */
  offer(position: number, head: number): void {
    this.memory.store(this.driver + virtq_avail.size + 2 * (position % this.size), head, 2);
    this.idx(position + 1);
  }

  idx(value: number): void {
    this.memory.store(this.driver + virtq_avail.offset.idx, value & 0xffff, 2);
  }

  kick(): void {
    this.virtio.transport.notify(QUEUE, 0);
  }

  wait(time: Nanos): void {
    this.port.wait(() => false, time);
  }

  reset(): void {
    this.virtio.close();
  }
}

/** A driver that does `act` with the ring of an entropy device. */
export function bareDriver(name: string, use: BareUse, act: (ring: BareRing) => void): Driver<void> {
  return {
    name,
    matches: (id) => isVirtio(id, 'rng'),
    attach: (port, bdf) => act(new BareRing(port, bdf, use)),
  };
}
