import type { GuestMemory } from '../../core/memory.ts';
import type { Chain, ChainSegment } from '../queue/virtqueue.ts';

/** Byte that a driver finds in a buffer that the device owns. */
const SPOILED = 0xdb;

/**
 * The writable part of a chain while the device has it. Addresses are looked up each time, since a host's memory may
 * move meanwhile; parts that are no longer RAM are skipped.
 *
 * @example
 * const loan = new Loan(memory, queue.chain);   // buffers read db from here on
 * writable.scatter(answer);                     // the device does its work
 * loan.keep(answer.length);                     // db again
 * loan.giveBack();                              // the answer
 */
export class Loan {
  /** Bytes of RAM on loan. */
  readonly bytes: number;
  private readonly memory: GuestMemory;
  private readonly parts: readonly ChainSegment[];
  private kept: readonly Uint8Array[] = [];

  constructor(memory: GuestMemory, chain: Chain) {
    this.memory = memory;
    this.bytes = chain.writableBytes;
    this.parts = partsOf(chain, true);
    this.spoil();
  }

  /** The device has written the first `written` bytes. The driver may not rely on other bytes, which stay spoiled. */
  keep(written: number): void {
    let left = written;
    this.kept = this.parts.map(({ address, length }) => {
      const own = Math.min(left, length);
      left -= own;
      return this.memory.slice(address, own)?.slice() ?? new Uint8Array(0);
    });
    this.spoil();
  }

  giveBack(): void {
    for (const [i, bytes] of this.kept.entries()) this.memory.write(this.parts[i]!.address, bytes);
  }

  /** Spoils also what a device wrote into buffers that it then put back into the ring. */
  spoil(): void {
    for (const { address, length } of this.parts) {
      this.memory.slice(address, length)?.fill(SPOILED);
      this.memory.dirty?.(address, address + length, false);
    }
  }
}

/** Whether readable and writable bytes of `chain` overlap: those cannot be spoiled. */
export function overlaps(chain: Chain): boolean {
  let readTo = 0;
  let writtenTo = 0;
  for (const { address, length, writable } of chain.segments().toSorted((a, b) => a.address - b.address)) {
    if (address < (writable ? readTo : writtenTo)) return true;
    if (writable) writtenTo = Math.max(writtenTo, address + length);
    else readTo = Math.max(readTo, address + length);
  }
  return false;
}

function partsOf(chain: Chain, writable: boolean): ChainSegment[] {
  return chain.segments().filter((segment) => segment.writable === writable);
}
