import { configRead, configWrite } from '../../src/guest/index.ts';
import type { Machine } from '../../src/index.ts';
import { type Descriptor, inTwo, Ring } from './ring.ts';

export const ADAPTER = 0x18;
/** Of the queue for requests. */
export const REQUESTS = 2;
const RINGS = 0x40_0000;
const BUFFERS = 0x48_0000;
const HEADER = 51;
const RESPONSE = 108;

/** A driver of the SCSI adapter by hand, whatever the interface: rings at fixed places, TEST UNIT READY to target 0. */
export abstract class Adapter {
  readonly machine: Machine;
  readonly rings: Ring[] = [];
  private built = 0;
  private taken = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    this.command(0x0007);
  }

  abstract status(value: number): this;
  abstract kick(queue?: number): this;

  /** What is said of the driver, by clause. */
  get told(): ReadonlySet<string> {
    return new Set(this.machine.findings.map(({ clause }) => clause));
  }

  /** Requests that came back. */
  get answered(): number {
    return this.taken;
  }

  /** Writes the Command register: 7 is I/O, memory and bus mastering. */
  command(value: number): this {
    configWrite(this.machine.port, ADAPTER, 0x04, value, 2);
    return this;
  }

  config(offset: number): number {
    return configRead(this.machine.port, ADAPTER, offset, 4);
  }

  ringFor(queue: number, size: number, at = RINGS + queue * 0x4000): Ring {
    this.rings[queue] = new Ring(this.machine.port.memory, at, size);
    return this.rings[queue];
  }

  get requests(): Ring {
    return this.rings[REQUESTS]!;
  }

  /** A request in memory of its own, as two descriptors: what the adapter reads, and what it writes. */
  request(): [Descriptor, Descriptor] {
    const { memory } = this.machine.port;
    const at = BUFFERS + this.built * 0x100;
    this.built++;
    memory.fill(at, 0, 0x100);
    memory.store(at, 0x0101, 2);
    memory.store(at + 2, 0x40, 1);
    memory.store(at + 8, this.built, 4);
    return inTwo(at, HEADER, at + 0x80, RESPONSE);
  }

  /** Puts descriptors into the ring from `slot` on, and makes that chain available. */
  chain(descriptors: readonly Descriptor[], slot = 0): this {
    for (const [i, one] of descriptors.entries()) this.requests.describe(slot + i, one);
    this.requests.offer(slot);
    return this;
  }

  /** One request from its descriptors to its end. */
  ask(descriptors: readonly Descriptor[] = this.request()): this {
    return this.chain(descriptors).kick().take();
  }

  /** Takes what came back, as a good driver does. */
  take(): this {
    for (const ring = this.requests; this.taken !== ring.usedIndex; this.taken++) ring.usedId(this.taken);
    return this;
  }
}
