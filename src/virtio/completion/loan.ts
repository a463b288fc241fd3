import type { GuestMemory } from '../../core/memory.ts';
import type { Chain, ChainSegment } from '../queue/virtqueue.ts';

/** What a driver finds in a buffer that is not its own. */
const SPOILED = 0xdb;

/**
 * The writable part of a chain while the device has it. Addresses are looked up each time, as a host's memory may
 * move meanwhile; what is RAM no more is left out.
 *
 * @example
 * const loan = new Loan(memory, queue.chain);   // reads db from here on
 * writable.scatter(answer);                     // the device does its work
 * loan.keep(answer.length);                     // db again
 * loan.giveBack();                              // the answer
 */
export class Loan {
  /** Bytes of RAM that are lent. */
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

  /** The device has written the first `written` bytes. What else it wrote, nobody may rely on: it stays spoiled. */
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

  /** Also what a device wrote into buffers that it then put back into the ring. */
  spoil(): void {
    for (const { address, length } of this.parts) {
      this.memory.slice(address, length)?.fill(SPOILED);
      this.memory.dirty?.(address, address + length, false);
    }
  }
}

/** Whether the device is to read bytes of `chain` that it is to write, too: those cannot be spoiled. */
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
