import { BitSet } from '../../src/core/bit-set.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { GuestMemory } from '../../src/core/memory.ts';
import { Random } from '../../src/core/random.ts';
import { Rig } from '../../src/core/rig.ts';
import { Segments } from '../../src/core/segments.ts';
import { type DriverQueue, driverQueue } from '../../src/guest/virtio/driver-queue.ts';
import { RamAccess } from '../../src/machine/ram-access.ts';
import type { CompletionQueue } from '../../src/virtio/completion/completion-queue.ts';
import { Completions } from '../../src/virtio/completion/completions.ts';
import { AT_ONCE, type CompletionPolicy } from '../../src/virtio/completion/policy.ts';
import { PackedQueue } from '../../src/virtio/queue/packed-queue.ts';
import { SplitQueue } from '../../src/virtio/queue/split-queue.ts';
import { FEATURE } from '../../src/virtio/registers.ts';

export const RINGS = ['split', 'packed'] as const;
export type Ring = (typeof RINGS)[number];
/** The device-readable part of each chain. */
const REQUEST = 4;
const RAM = 2 << 20;
const PAGE = 4096;

interface Options {
  readonly size?: number;
  readonly inOrder?: boolean;
  readonly seed?: number;
  /** Default true. */
  readonly legacy?: boolean;
}

/** For tests: both ends of one ring, with completions that go by a policy between them. */
export class CompletionRig extends Rig {
  readonly port: GuestPort;
  readonly driver: DriverQueue;
  readonly completions: Completions;
  readonly device: CompletionQueue;
  /** When the device interrupted, in virtual nanoseconds. */
  readonly interrupts: number[] = [];
  /** And when it did for its configuration. */
  readonly configurations: number[] = [];
  /** Ranges reported to the memory's owner. */
  readonly dirtied: [from: number, to: number][] = [];
  /** Whether the device is a bus master. */
  reachable = true;
  private readonly rooms = new Map<number, { address: number; length: number }>();
  private readonly requests = new Map<number, number>();
  private readonly writable = new Map<number, Segments>();

  constructor(ring: Ring, policy: Partial<CompletionPolicy> = {}, options: Options = {}) {
    const { size = 16, inOrder = false, seed = 1, legacy = true } = options;
    super(GuestMemory.of(RAM));
    const rig = this;
    this.port = portTo(this.board.memory);
    const host = {
      board: { ...this.board, random: new Random(seed) },
      name: 'device',
      queueInterrupt: () => this.interrupts.push(this.clock.now),
      configInterrupt: () => this.configurations.push(this.clock.now),
      eventIdx: false,
      indirect: false,
      inOrder,
      notifyOnEmpty: false,
      legacy,
      get canReachMemory() {
        return rig.reachable;
      },
    };
    const features = BitSet.of([
      ...(ring === 'packed' ? [FEATURE.RING_PACKED] : []),
      ...(inOrder ? [FEATURE.IN_ORDER] : []),
    ]);
    this.driver = driverQueue(this.port, { index: 0, size, features });
    this.completions = new Completions(host, { ...AT_ONCE, ...policy });
    const Format = ring === 'packed' ? PackedQueue : SplitQueue;
    this.device = this.completions.over(new Format(0, size, this.completions));
    this.configure();
    this.board.memory.dirty = (from, to) => this.dirtied.push([from, to]);
  }

  configure(): void {
    const { desc, driver, device } = this.driver.areas;
    this.device.configure(desc, driver, device);
  }

  /** The driver offers a chain for each of `rooms`, with this many bytes for the device to write; returns their ids. */
  offer(...rooms: readonly number[]): number[] {
    const ids = rooms.map((length) => {
      const request = this.port.allocate(REQUEST, 8);
      this.port.memory.fill(request, 0x77, REQUEST);
      const room = { address: this.port.allocate(Math.max(1, length), 8), length };
      this.port.memory.fill(room.address, 0x11, length);
      const id = this.driver.add([{ address: request, length: REQUEST }], length > 0 ? [room] : []);
      this.rooms.set(id!, room);
      this.requests.set(id!, request);
      return id!;
    });
    this.driver.publish();
    return ids;
  }

  /** The device takes every chain there is. */
  pop(): number[] {
    const ids: number[] = [];
    while (this.device.pop()) ids.push(this.resolve());
    return ids;
  }

  /** Records where the chain that the device took last has its room; returns its id. */
  resolve(): number {
    const { chain } = this.device;
    const writable = new Segments();
    chain.resolve(new Segments(), writable);
    this.writable.set(chain.id, writable);
    return chain.id;
  }

  /** The device writes `count` bytes, all of them its answer to `id`, into chain `id`. */
  write(id: number, count = this.rooms.get(id)!.length): number {
    return this.writable.get(id)!.scatter(new Uint8Array(count).fill(answerOf(id)));
  }

  /** The device finishes chains in that order. */
  finish(...ids: readonly number[]): void {
    for (const id of ids) this.device.push(id, this.write(id));
    this.device.flush();
  }

  /** Ids that the driver got back since the last call, in ring order. */
  came(): number[] {
    return this.used().map(({ id }) => id);
  }

  /** The same, with the used lengths. */
  used(): { id: number; length: number }[] {
    const used: { id: number; length: number }[] = [];
    this.driver.drain((id, length) => used.push({ id, length }));
    return used;
  }

  /** The contents of the buffer of `id`: each byte value once, in order. */
  room(id: number): number[] {
    const { address, length } = this.rooms.get(id)!;
    return [...new Set(this.bytes(address, length))];
  }

  /** Where that buffer lies. */
  roomAt(id: number): number {
    return this.rooms.get(id)!.address;
  }

  request(id: number): number[] {
    return this.bytes(this.requests.get(id)!, REQUEST);
  }

  private bytes(address: number, length: number): number[] {
    const bytes = new Uint8Array(length);
    this.port.memory.read(address, bytes);
    return [...bytes];
  }
}

/** The device's answer to chain `id`: neither db nor the driver's byte. */
export function answerOf(id: number): number {
  return 0x20 + id;
}

/** The part of a port that a driver's queue uses. Allocations are permanent; none touch. */
function portTo(memory: GuestMemory): GuestPort {
  let free = PAGE;
  const port: Pick<GuestPort, 'memory' | 'allocate' | 'release'> = {
    memory: new RamAccess(memory),
    allocate: (bytes, align) => {
      const at = Math.ceil(free / align) * align;
      free = at + bytes + 1;
      return at;
    },
    release: () => {},
  };
  return port as GuestPort;
}
