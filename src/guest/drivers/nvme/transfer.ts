import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { PAGE } from '../../../nvme/registers/bar0.ts';
import { BufferPool } from '../../buffer-pool.ts';

const ENTRY = 8;
/** Pages of a transfer at most: their list then fits into one page. */
export const PAGES_MOST = 32;

/** Memory of a command's data: pages that do not touch, and the list of them. */
export class Transfers {
  private readonly port: GuestPort;
  private readonly pool: BufferPool;

  constructor(port: GuestPort) {
    this.port = port;
    this.pool = new BufferPool(port, PAGE, PAGE);
  }

  /** Pages for `bytes`. */
  take(bytes: number): Transfer {
    const { port, pool } = this;
    const pages = pool.takeFor(bytes);
    const list = pages.length > 2 ? pool.take() : null;
    if (list !== null) port.memory.write(list, entriesOf(pages.slice(1)));
    return { pages, list, bytes };
  }

  give({ pages, list }: Transfer): void {
    for (const page of pages) this.pool.give(page);
    if (list !== null) this.pool.give(list);
  }

  load({ pages, bytes }: Transfer): Uint8Array {
    const into = new Uint8Array(bytes);
    for (const [i, page] of pages.entries())
      this.port.memory.read(page, into.subarray(i * PAGE, Math.min((i + 1) * PAGE, bytes)));
    return into;
  }

  store({ pages, bytes }: Transfer, from: Uint8Array): void {
    for (const [i, page] of pages.entries())
      this.port.memory.write(page, from.subarray(i * PAGE, Math.min((i + 1) * PAGE, bytes)));
  }

  release(): void {
    this.pool.release();
  }
}

interface Transfer {
  readonly pages: readonly Gpa[];
  /** Where the addresses of the pages behind the first are, if there are more than two. */
  readonly list: Gpa | null;
  readonly bytes: number;
}

/** The two addresses of a command. */
export function prpOf({ pages, list }: Transfer): { prp1: bigint; prp2: bigint } {
  return { prp1: BigInt(pages[0]!), prp2: BigInt(list ?? pages[1] ?? 0) };
}

function entriesOf(pages: readonly Gpa[]): Uint8Array {
  const entries = new DataView(new ArrayBuffer(pages.length * ENTRY));
  for (const [i, page] of pages.entries()) entries.setBigUint64(i * ENTRY, BigInt(page), true);
  return new Uint8Array(entries.buffer);
}
