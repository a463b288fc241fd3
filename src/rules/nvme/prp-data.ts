import type { PrpRole } from '../../nvme/events.ts';
import { PAGE } from '../../nvme/registers/bar0.ts';
import { ADMIN, dsm_range, FLAGS, NVM, RW_CDW12, sqe } from '../../nvme/registers/commands.ts';
import { IDENTIFY_BYTES } from '../../nvme/registers/identify.ts';
import type { NvmeFacts } from './facts.ts';

const {
  opcode: OPCODE,
  flags: FLAGS_AT,
  nsid: NSID,
  prp1: PRP1,
  prp2: PRP2,
  cdw10: CDW10,
  cdw11: CDW11,
} = sqe.offset;
const ENTRY = 8;
const RANGES = 0xff;
const HALF = 0xffff;
const HIGH = 0x1_0000_0000;
const [DIRECTION, TO_MEMORY] = [3, 2];
const MOVES: readonly number[] = [NVM.READ, NVM.WRITE, NVM.COMPARE, NVM.DATASET_MANAGEMENT];
const ASKS: readonly number[] = [ADMIN.IDENTIFY, ADMIN.GET_LOG_PAGE];

/** The memory of a command, in parts, as columns; reused. */
export class Pieces {
  count = 0;
  readonly address: number[] = [];
  readonly length: number[] = [];
  /** It is a list of addresses. */
  readonly isList: boolean[] = [];

  add(address: number, length: number, isList = false): void {
    this.address[this.count] = address;
    this.isList[this.count] = isList;
    this.length[this.count++] = length;
  }
}

/** What PRP2 is taken for, and is not: a list where data has two pages, one that names the first page, too, or lies in its data. */
export type Mislaid = 'list' | 'again' | 'inside' | null;

/** Looks at the addresses of a command, one after the other. */
export class PrpShape {
  /** The page of PRP1, and where data begins there. */
  private first = 0;
  private within = 0;
  private list = 0;
  private entry = 0;
  private entries = 0;
  /** Commands of two pages whose PRP2 leads to no list. After one, what lies in a page may look like a list. */
  private others = 0;

  /** @param writes the controller writes to that memory. @returns what is wrong with PRP2, once it is known. */
  seen({ memory }: NvmeFacts, role: PrpRole, address: number, length: number, writes: boolean): Mislaid {
    if (role === 'first') {
      this.within = address % PAGE;
      this.first = address - this.within;
    }
    if (role === 'list') {
      this.entries = 0;
      this.list = address;
    }
    if (role === 'second') {
      if (writes && address > 0 && address === this.first && length > this.within) return 'again';
      const range = memory.find(address, ENTRY);
      const isList = range !== null && quadAt(range.view, address - range.base) === this.first + PAGE;
      if (!isList) this.others++;
      return isList && this.others === 0 ? 'list' : null;
    }
    if (role !== 'entry') return null;
    const begins = this.list - address;
    if (writes && address > 0 && begins >= 0 && begins < length) return 'inside';
    if (++this.entries > 2) return null;
    if (this.entries === 2)
      return writes && this.entry === this.first && address !== this.first ? 'again' : null;
    this.entry = address;
    return null;
  }
}

/** Whether the controller writes to a command's memory: bits 1:0 of an opcode say where data goes (4.2). */
export function writesMemory(opcode: number): boolean {
  return (opcode & DIRECTION) === TO_MEMORY;
}

/** Whether a command moves data. */
export function takesData(queue: number, opcode: number): boolean {
  return (queue === 0 ? ASKS : MOVES).includes(opcode);
}

/**
 * Finds the memory of such a command, whose entry is at `at`, as far as its addresses lead, and that of its lists; no more than a
 * command may move.
 */
export function findPieces(facts: NvmeFacts, queue: number, entry: DataView, at: number, into: Pieces): void {
  into.count = 0;
  // Lists of the other kind are not walked.
  if ((entry.getUint8(at + FLAGS_AT) & FLAGS.mask.PSDT) !== 0) return;
  const bytes = Math.min(bytesOf(facts, queue, entry, at), facts.bytesMost);
  const left = bytes - addPage(quadAt(entry, at + PRP1), bytes, into);
  if (left <= 0) return;
  const second = quadAt(entry, at + PRP2);
  if (left > PAGE) walkList(facts, second, left, into);
  else addPage(second, left, into);
}

/** Entries of a list of pages, the last of which leads to the next list where more than one page is left. */
function walkList({ memory }: NvmeFacts, list: number, left: number, into: Pieces): void {
  let begin = list;
  let at = list;
  for (let hops = 0; hops < PAGE; hops++) {
    const range = memory.find(at, ENTRY);
    if (range === null) return;
    const address = quadAt(range.view, at - range.base);
    at += ENTRY;
    const isLast = left <= PAGE;
    const leadsOn = !isLast && at % PAGE === 0;
    if (leadsOn || isLast) into.add(begin, at - begin, true);
    if (leadsOn) begin = at = address;
    else left -= addPage(address, left, into);
    if (isLast) return;
  }
}

/** @returns how many bytes are in that page. */
function addPage(address: number, left: number, into: Pieces): number {
  const length = Math.min(PAGE - (address % PAGE), left);
  into.add(address, length);
  return length;
}

/** An address in memory, or in an entry. */
export function quadAt(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * HIGH + view.getUint32(at, true);
}

function bytesOf({ namespaceAt }: NvmeFacts, queue: number, entry: DataView, at: number): number {
  const [cdw10, cdw11] = [entry.getUint32(at + CDW10, true), entry.getUint32(at + CDW11, true)];
  switch (entry.getUint8(at + OPCODE)) {
    case queue === 0 ? ADMIN.IDENTIFY : -1:
      return IDENTIFY_BYTES;
    case queue === 0 ? ADMIN.GET_LOG_PAGE : -1:
      return ((cdw11 & HALF) * (HALF + 1) + (cdw10 >>> 16) + 1) * 4;
    case NVM.DATASET_MANAGEMENT:
      return ((cdw10 & RANGES) + 1) * dsm_range.size;
    default: {
      const blocks = (entry.getUint32(at + RW_CDW12.offset, true) & RW_CDW12.mask.NLB) + 1;
      return blocks * (namespaceAt(entry.getUint32(at + NSID, true))?.blockSize ?? 0);
    }
  }
}

/** The range of a Dataset Management that reaches furthest, as far as its memory is there, and whether one has no block. */
export function furthestRange(
  facts: NvmeFacts,
  entry: DataView,
): { first: number; blocks: number; isEmpty: boolean } {
  let furthest = { first: 0, blocks: 0 };
  let isEmpty = false;
  const pieces = new Pieces();
  // Ranges fill two pages at most, to which no list leads.
  findPieces(facts, 1, entry, 0, pieces);
  for (let piece = 0; piece < pieces.count; piece++) {
    const address = pieces.address[piece]!;
    const length = pieces.length[piece]!;
    const range = facts.memory.find(address, length);
    for (let i = 0; range !== null && i + dsm_range.size <= length; i += dsm_range.size) {
      const { slba, blocks } = dsm_range.decode(range.bytes, address - range.base + i);
      const one = { first: Number(slba), blocks };
      isEmpty ||= blocks === 0;
      if (one.first + blocks > furthest.first + furthest.blocks) furthest = one;
    }
  }
  return { ...furthest, isEmpty };
}
