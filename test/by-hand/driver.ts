import { configRead, configWrite } from '../../src/guest/index.ts';
import type { GuestPort, Machine } from '../../src/index.ts';
import { type Descriptor, inTwo, Ring } from './ring.ts';

const RINGS = 0x40_0000;
const BUFFERS = 0x48_0000;
const BUFFER = 0x1000;
const HEADER = 51;
const RESPONSE = 108;

/** A machine, or its substitute if the machine is in another process. */
interface Driven {
  readonly port: GuestPort;
  readonly findings: Machine['findings'];
}

/** The function and its machine; the indices of its queues, and the queue of the chains. */
export interface Place {
  readonly machine: Driven;
  readonly bdf: number;
  readonly indices: readonly number[];
  readonly main: number;
}

/** Of the SCSI adapter, which every script but those of frames drives. */
export const REQUESTS = 2;
export const adapterOf = (machine: Driven): Place => ({
  machine,
  bdf: 0x18,
  indices: [0, 1, REQUESTS],
  main: REQUESTS,
});

/** A driver by hand, for either interface: rings at fixed places, one chain at a time. */
export abstract class HandDriver implements Place {
  readonly machine: Driven;
  readonly bdf: number;
  readonly indices: readonly number[];
  readonly main: number;
  readonly rings: Ring[] = [];
  private built = 0;
  private taken = 0;

  constructor({ machine, bdf, indices, main }: Place) {
    this.machine = machine;
    this.bdf = bdf;
    this.indices = indices;
    this.main = main;
    this.command(0x0007);
  }

  /** From the reset to DRIVER_OK, by the book, with these of the first 32 features. */
  abstract start(features?: number): this;
  abstract kick(queue?: number): this;

  /** The driver's findings, by clause. */
  get told(): ReadonlySet<string> {
    return new Set(this.machine.findings.map(({ clause }) => clause));
  }

  /** Chains that came back. */
  get answered(): number {
    return this.taken;
  }

  /** Writes the Command register: 7 is I/O, memory and bus mastering. */
  command(value: number): this {
    configWrite(this.machine.port, this.bdf, 0x04, value, 2);
    return this;
  }

  config(offset: number): number {
    return configRead(this.machine.port, this.bdf, offset, 4);
  }

  ringFor(queue: number, size: number): Ring {
    this.rings[queue] = new Ring(this.machine.port.memory, RINGS + queue * 0x4000, size);
    return this.rings[queue];
  }

  /** The queue of the chains. */
  get ring(): Ring {
    return this.rings[this.main]!;
  }

  /** Memory for a chain, zeroed. */
  buffer(bytes: number): number {
    const at = BUFFERS + this.built * BUFFER;
    this.built++;
    this.machine.port.memory.fill(at, 0, bytes);
    return at;
  }

  /** TEST UNIT READY to target 1, as two descriptors: what the adapter reads, and what it writes. */
  request(): [Descriptor, Descriptor] {
    const { memory } = this.machine.port;
    const at = this.buffer(BUFFER);
    memory.store(at, 0x0101, 2);
    memory.store(at + 2, 0x40, 1);
    memory.store(at + 8, this.built, 4);
    return inTwo(at, HEADER, at + BUFFER / 2, RESPONSE);
  }

  /** Puts descriptors into the ring from slot 0 on, and makes that chain available. */
  chain(descriptors: readonly Descriptor[]): this {
    for (const [slot, one] of descriptors.entries()) this.ring.describe(slot, one);
    this.ring.offer(0);
    return this;
  }

  /** One chain from its descriptors to its end. */
  ask(descriptors: readonly Descriptor[] = this.request()): this {
    return this.chain(descriptors).kick().take();
  }

  /** Takes back used chains, as a good driver does. */
  take(): this {
    for (const { ring } = this; this.taken !== ring.usedIndex; this.taken++) ring.usedId(this.taken);
    return this;
  }
}
