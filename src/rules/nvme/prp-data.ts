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
const MOVES: readonly number[] = [NVM.READ, NVM.WRITE, NVM.COMPARE, NVM.DATASET_MANAGEMENT];
const ASKS: readonly number[] = [ADMIN.IDENTIFY, ADMIN.GET_LOG_PAGE];

/** A part of a command's memory. */
export interface Piece {
  readonly address: number;
  readonly length: number;
}

/** Whether a command moves data. */
export function takesData(queue: number, entry: DataView): boolean {
  return (queue === 0 ? ASKS : MOVES).includes(entry.getUint8(OPCODE));
}

/** The memory of such a command, as far as its addresses lead; no more than a command may move. `lists` get those of addresses. */
export function piecesOf(facts: NvmeFacts, queue: number, entry: DataView, lists: Piece[] = []): Piece[] {
  // Lists of the other kind are not walked.
  if ((entry.getUint8(FLAGS_AT) & FLAGS.mask.PSDT) !== 0) return [];
  let left = Math.min(bytesOf(facts, queue, entry), facts.bytesMost);
  const first = Number(entry.getBigUint64(PRP1, true));
  const pieces: Piece[] = [];
  const add = (address: number) => {
    const length = Math.min(PAGE - (address % PAGE), left);
    pieces.push({ address, length });
    left -= length;
  };
  add(first);
  const second = Number(entry.getBigUint64(PRP2, true));
  if (left > PAGE) for (const address of listAt(facts, second, () => left > PAGE, lists)) add(address);
  else if (left > 0) add(second);
  return pieces;
}

/** Entries of a list of pages, the last of which leads to the next list where more than one page is left. */
function* listAt(
  { memory }: NvmeFacts,
  begin: number,
  isMore: () => boolean,
  lists: Piece[],
): Generator<number> {
  let at = begin;
  let length = 0;
  for (let hops = 0; hops < PAGE; hops++) {
    const range = memory.find(at, ENTRY);
    if (range === null) return;
    const address = Number(range.view.getBigUint64(at - range.base, true));
    at += ENTRY;
    length += ENTRY;
    const leadsOn = at % PAGE === 0 && isMore();
    const isLast = !isMore();
    if (leadsOn || isLast) {
      lists.push({ address: at - length, length });
      length = 0;
    }
    if (leadsOn) at = address;
    else yield address;
    if (isLast) return;
  }
}

function bytesOf({ namespaceAt }: NvmeFacts, queue: number, entry: DataView): number {
  const [cdw10, cdw11] = [entry.getUint32(CDW10, true), entry.getUint32(CDW11, true)];
  switch (entry.getUint8(OPCODE)) {
    case queue === 0 ? ADMIN.IDENTIFY : -1:
      return IDENTIFY_BYTES;
    case queue === 0 ? ADMIN.GET_LOG_PAGE : -1:
      return ((cdw11 & HALF) * (HALF + 1) + (cdw10 >>> 16) + 1) * 4;
    case NVM.DATASET_MANAGEMENT:
      return ((cdw10 & RANGES) + 1) * dsm_range.size;
    default: {
      const blocks = (entry.getUint32(RW_CDW12.offset, true) & RW_CDW12.mask.NLB) + 1;
      return blocks * (namespaceAt(entry.getUint32(NSID, true))?.blockSize ?? 0);
    }
  }
}

/** The range of a Dataset Management that reaches furthest, as far as its memory is there. */
export function furthestRange(facts: NvmeFacts, entry: DataView): { first: number; blocks: number } {
  let furthest = { first: 0, blocks: 0 };
  for (const { address, length } of piecesOf(facts, 1, entry)) {
    const range = facts.memory.find(address, length);
    for (let i = 0; range !== null && i + dsm_range.size <= length; i += dsm_range.size) {
      const { slba, blocks } = dsm_range.decode(range.bytes, address - range.base + i);
      const one = { first: Number(slba), blocks };
      if (one.first + blocks > furthest.first + furthest.blocks) furthest = one;
    }
  }
  return furthest;
}
