import { deviceOf } from '../../core/finding.ts';
import { Lent, type LentOwner } from '../virtio/stores/lent.ts';
import { type LentIndex, RANGE } from '../virtio/stores/lent-index.ts';

/** What has memory that a device has, as long as a driver's accesses to it are watched; reused. */
export interface Held {
  /** Null is none. */
  touched: Lent | null;
}

/** Memory, in parts, as columns; some are lists of addresses. */
interface Parts {
  readonly count: number;
  readonly address: readonly number[];
  readonly length: readonly number[];
  readonly isList: readonly boolean[];
}

/** Memory was touched while the device has it: of which queue and what there, where, and what was done. */
type Touched = (queue: number, id: number, address: number, deed: string) => void;

/** Watches a driver's accesses to memory that a device has: of its commands, or its packets. */
export class HeldMemory implements LentOwner {
  readonly subject: string;
  private readonly index: LentIndex;
  private readonly tell: Touched;
  private readonly spare: Lent[] = [];

  constructor(subject: string, index: LentIndex, tell: Touched) {
    this.subject = deviceOf(subject);
    this.index = index;
    this.tell = tell;
  }

  /** @param writes whether the device writes there: it reads lists. */
  hold(
    of: Held,
    queue: number,
    id: number,
    writes: boolean,
    { count, address, length, isList }: Parts,
  ): void {
    if (of.touched !== null) return;
    const one = this.spare.pop() ?? new Lent(this);
    one.begin(id, queue, 0);
    of.touched = one;
    const kind = writes ? RANGE.writable : RANGE.readable;
    for (let i = 0; i < count; i++)
      this.index.add(address[i]!, length[i]!, isList[i] ? RANGE.table : kind, one);
  }

  end(of: Held): void {
    if (of.touched === null) return;
    this.index.remove(of.touched);
    this.spare.push(of.touched);
    of.touched = null;
  }

  sync(): void {}

  tellMistaken(): boolean {
    return false;
  }

  tableChanged(lent: Lent, address: number): void {
    this.touched(lent, address, 'was written to');
  }

  bufferChanged(lent: Lent, address: number): void {
    this.touched(lent, address, 'was written to');
  }

  peeked(lent: Lent, address: number): void {
    this.touched(lent, address, 'was read before its data was there');
  }

  /** That is told of all memory. */
  freed(lent: Lent): void {
    lent.told = true;
  }

  leftRead(): void {}

  forgetLeft(): void {}

  private touched(lent: Lent, address: number, deed: string): void {
    lent.told = true;
    this.tell(lent.position, lent.id, address, deed);
  }
}
