import type { GuestMemory, RamRange } from '../../../core/memory.ts';
import type { Staging } from '../../../core/staging.ts';
import type { Batch } from './batch.ts';

const WORDS = 8;

/** A split ring in RAM that the kernel can reach. */
interface RingPlace {
  readonly main: RamRange;
  readonly desc: Int32Array;
  readonly avail: Uint16Array;
  readonly used: Int32Array;
  readonly size: number;
  /** The last byte of RAM that a buffer may reach. */
  readonly last: number;
  readonly indirect: boolean;
}

/** A split ring for the batch kernel: its record and its in-flight flags, in the staging behind RAM. */
export class BatchRing {
  private readonly staging: Staging;
  private readonly maximum: number;
  /** What the device has of this ring. */
  private batch: Batch | null = null;

  constructor(memory: GuestMemory, inFlight: Uint16Array) {
    this.maximum = inFlight.length;
    this.staging = memory.staging(WORDS * 4 + inFlight.byteLength);
    this.inFlight().set(inFlight);
  }

  /** Offset of its record in the memory. */
  private get at(): number {
    return this.staging.offset;
  }

  /** By head: 1 while the device has the chain. Valid until the memory's `epoch` changes. */
  inFlight(): Uint16Array {
    const { buffer, byteOffset } = this.staging.bytes;
    return new Uint16Array(buffer, byteOffset + WORDS * 4, this.maximum);
  }

  /** False if the kernel cannot reach the ring. */
  place({ main, desc, avail, used, size, last, indirect }: RingPlace): boolean {
    const { bytes, store } = this.staging;
    if (store !== main.store || desc.buffer !== main.bytes.buffer) return false;
    const record = new Int32Array(bytes.buffer, bytes.byteOffset, WORDS);
    const entries = avail.byteOffset + 4;
    const inFlight = bytes.byteOffset + WORDS * 4;
    record.set([
      desc.byteOffset,
      entries,
      used.byteOffset,
      size,
      inFlight,
      last,
      main.start,
      Number(indirect),
    ]);
    return true;
  }

  /** Takes chains from entry `next` of the available ring on, of which `pending` are available; returns how many. */
  take(batch: Batch, next: number, pending: number): number {
    const kernel = batch.count > 0 ? null : batch.kernelOf(this.staging.store);
    if (kernel === null) return 0;
    const taken = kernel.take(this.at, batch.at, next, Math.min(pending, batch.most));
    batch.count = taken;
    this.batch = batch;
    return taken;
  }

  /** Writes used entries from `next` on; false, with nothing done, if the kernel can no longer reach them. */
  give(batch: Batch, next: number): boolean {
    const kernel = batch.kernelOf(this.staging.store);
    kernel?.give(this.at, batch.at, next, batch.count);
    return kernel !== null;
  }

  /** The ring begins anew: chains that the device has of it are void. */
  forget(): void {
    if (this.batch !== null) this.batch.count = 0;
    this.batch = null;
  }
}
