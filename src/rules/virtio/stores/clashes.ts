import type { Gpa } from '../../../core/bits.ts';
import type { Clash } from './knows.ts';
import type { Lent } from './lent.ts';
import { type LentIndex, RANGE, type RangeKind } from './lent-index.ts';

const { table: TABLE, readable: READABLE, writable: WRITABLE } = RANGE;
/** The longest header that all receive buffers may share: one without any fields that the driver reads. */
const COMMON_MAX = 12;
/** The most writable buffers of one chain that are compared pairwise. */
const TOGETHER_MAX = 16;

/** Of a PC, where the display adapter answers, whatever RAM a machine has. */
const DISPLAY = { first: 0xa_0000, end: 0xc_0000 };

/** The name of the part of a ring that overlaps the range, or null. */
type RingAt = (address: Gpa, length: number) => string | null;

/**
 * Whether lent memory has another owner too. Buffers that devices only read may overlap, as headers do that many chains
 * share; and what a device writes of a chain may overlap what it reads of the same chain. One header that all received
 * frames share, and that the driver does not read, is no clash either: iPXE and Plan 9 do so, and lose nothing.
 *
 * @example
 * if (clashes.has(lent)) clashes.kind;      // 'buffer': what `clashes.other` names has it as well
 */
export class Clashes {
  kind: Clash = 'none';
  address: Gpa = 0;
  other = '';
  /** The chain that has it; null if it is none. */
  owner: Lent | null = null;
  private readonly index: LentIndex;
  private readonly ringAt: RingAt;

  constructor(index: LentIndex, ringAt: RingAt) {
    this.index = index;
    this.ringAt = ringAt;
  }

  /** @param lent a chain that is in the index. */
  has(lent: Lent): boolean {
    const { addresses, lengths, readable, count } = lent;
    for (let i = 0; i < count; i++)
      if (addresses[i]! < DISPLAY.end && addresses[i]! + lengths[i]! > DISPLAY.first)
        return this.is('display', addresses[i]!, 'the window of the display adapter');
    for (let i = 0; i < readable; i++)
      if (this.meets(lent, addresses[i]!, lengths[i]!, WRITABLE)) return true;
    for (let i = readable; i < count; i++) if (this.hasWritten(lent, addresses[i]!, lengths[i]!)) return true;
    return count - readable > 1 && count - readable <= TOGETHER_MAX && this.meetsItself(lent);
  }

  private hasWritten(lent: Lent, address: Gpa, length: number): boolean {
    if (!this.isCommon(lent, address, length) && this.meets(lent, address, length, WRITABLE)) return true;
    if (this.meets(lent, address, length, READABLE)) return true;
    if (this.meets(null, address, length, TABLE)) return true;
    const ring = this.ringAt(address, length);
    return ring !== null && this.is('ring', address, ring);
  }

  /** The buffer heads this chain, which the device only writes, and another such chain. */
  private isCommon(lent: Lent, address: Gpa, length: number): boolean {
    if (length > COMMON_MAX || !heads(lent, address, length)) return false;
    const at = this.index.find(address, length, WRITABLE, lent);
    return at >= 0 && heads(this.index.lentOf(at), address, length);
  }

  /** A range of that kind overlaps, of a chain other than `but`. */
  private meets(but: Lent | null, address: Gpa, length: number, kind: RangeKind): boolean {
    const { index } = this;
    for (;;) {
      const at = index.find(address, length, kind, but);
      if (at < 0) return false;
      const lent = index.lentOf(at);
      const begin = Math.max(address, index.beginOf(at));
      lent.owner.sync();
      // Otherwise the chain came back meanwhile.
      if (lent.active) return this.is(kind === TABLE ? 'table' : 'buffer', begin, nameOf(lent, kind), lent);
    }
  }

  private meetsItself(lent: Lent): boolean {
    const { addresses, lengths, readable, count } = lent;
    for (let i = readable; i < count; i++)
      for (let j = i + 1; j < count; j++)
        if (addresses[i]! < addresses[j]! + lengths[j]! && addresses[j]! < addresses[i]! + lengths[i]!)
          return this.is('buffer', Math.max(addresses[i]!, addresses[j]!), 'another buffer of it');
    return false;
  }

  private is(kind: Clash, address: Gpa, other: string, owner: Lent | null = null): true {
    this.owner = owner;
    this.kind = kind;
    this.address = address;
    this.other = other;
    return true;
  }
}

/** Whether the chain begins with that buffer, has others, and the device reads none of them. */
function heads({ addresses, lengths, readable, count }: Lent, address: Gpa, length: number): boolean {
  return readable === 0 && count > 1 && addresses[0] === address && lengths[0] === length;
}

function nameOf({ id, owner }: Lent, kind: RangeKind): string {
  return `${kind === TABLE ? 'the indirect table of chain' : 'chain'} ${id} of ${owner.subject}`;
}
