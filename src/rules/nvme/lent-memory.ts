import { PAGE } from '../../nvme/registers/bar0.ts';
import type { Held } from '../memory/held-memory.ts';
import type { Pieces } from './prp-data.ts';

/** Commands with memory in one page that are told apart: eight have a block of it, and more share what they only read. */
const SHARERS = 16;
/** So many pages, and commands, are known before those that ended are forgotten. */
const KEPT = 0x1_0000;

/** A command that was taken; reused. */
export interface Outstanding extends Held {
  readonly queue: number;
  readonly cid: number;
  /** It was not completed yet. */
  isOut: boolean;
  /** The controller writes to its memory. */
  writes: boolean;
  /** Its memory; null is none. */
  first: Lent | null;
}

/** A piece of a command's memory; reused. */
interface Lent {
  of: Outstanding;
  address: number;
  length: number;
  /** The next piece of the command, and of others in the page. */
  next: Lent | null;
  beside: Lent | null;
}

/** The memory of outstanding commands, by the page it is in. */
export class LentMemory {
  /** Where the memory was that was found last. */
  where = 0;
  /** Null where none is any more: to delete a page, and add it again, would cost as much as all else. */
  private readonly pages = new Map<number, Lent | null>();
  private most = KEPT;
  private spare: Lent | null = null;

  /** A command gets memory. Memory that both only read may be that of another. @returns whose else it is; null if none's. */
  lend(of: Outstanding, { count, address, length }: Pieces): Outstanding | null {
    let met: Outstanding | null = null;
    for (let i = 0; i < count; i++) {
      const page = Math.floor(address[i]! / PAGE);
      const head = this.pages.get(page) ?? null;
      let sharers = 0;
      for (let other = head; other !== null; other = other.beside, sharers++)
        if (other.of !== of && (of.writes || other.of.writes) && isIn(other, address[i]!, length[i]!))
          met ??= this.found(other, address[i]!);
      if (sharers < SHARERS) this.add(of, page, address[i]!, length[i]!, head);
    }
    return met;
  }

  /** Whose memory is there; null if none's. */
  at(address: number, length: number): Outstanding | null {
    for (let page = Math.floor(address / PAGE); page * PAGE < address + length; page++)
      for (let other = this.pages.get(page) ?? null; other !== null; other = other.beside)
        if (isIn(other, address, length)) return this.found(other, address);
    return null;
  }

  /** A command gives its memory back. */
  end(of: Outstanding): void {
    for (let one = of.first; one !== null; ) {
      const { next } = one;
      this.unlink(one);
      one.next = this.spare;
      this.spare = one;
      one = next;
    }
    of.first = null;
  }

  clear(): void {
    this.pages.clear();
  }

  private found(other: Lent, address: number): Outstanding {
    this.where = Math.max(other.address, address);
    return other.of;
  }

  private add(of: Outstanding, page: number, address: number, length: number, beside: Lent | null): void {
    const one = this.spare ?? { of, address, length, next: null, beside };
    this.spare = one.next;
    one.of = of;
    one.address = address;
    one.length = length;
    one.next = of.first;
    one.beside = beside;
    of.first = one;
    if (this.pages.size >= this.most) {
      for (const [other, first] of this.pages) if (first === null) this.pages.delete(other);
      this.most = Math.max(KEPT, 2 * this.pages.size);
    }
    this.pages.set(page, one);
  }

  private unlink(one: Lent): void {
    const page = Math.floor(one.address / PAGE);
    const head = this.pages.get(page)!;
    if (head === one) this.pages.set(page, one.beside);
    else {
      let before = head;
      while (before.beside !== one) before = before.beside!;
      before.beside = one.beside;
    }
  }
}

/** Commands that a controller has or had, by queue and identifier: to delete those that ended would cost as much as all else. */
export class Commands {
  private readonly all = new Map<number, Outstanding>();
  private most = KEPT;

  get(queue: number, cid: number): Outstanding | undefined {
    return this.all.get(keyOf(queue, cid));
  }

  values(): Iterable<Outstanding> {
    return this.all.values();
  }

  make(queue: number, cid: number): Outstanding {
    if (this.all.size >= this.most) {
      for (const [other, { isOut }] of this.all) if (!isOut) this.all.delete(other);
      this.most = Math.max(KEPT, 2 * this.all.size);
    }
    const one = { queue, cid, isOut: false, writes: false, first: null, touched: null };
    this.all.set(keyOf(queue, cid), one);
    return one;
  }

  clear(): void {
    this.all.clear();
  }
}

const keyOf = (queue: number, cid: number) => queue * 0x1_0000 + cid;

function isIn(one: Lent, address: number, length: number): boolean {
  return address < one.address + one.length && one.address < address + length;
}
