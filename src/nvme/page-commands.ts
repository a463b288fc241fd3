import type { Gpa } from '../core/bits.ts';
import type { Budget } from '../core/budget.ts';
import type { RamRange } from '../core/memory.ts';
import { BLOCK, type Medium } from '../media/medium.ts';
import type { Namespace } from './namespace.ts';
import type { PrpWalk } from './prp.ts';
import { quadAt, type SubmissionQueue } from './queues.ts';
import { PAGE } from './registers/bar0.ts';
import { FLAGS, NVM, RW_CDW12, STATUS, sqe } from './registers/commands.ts';

const { NLB, FUA } = RW_CDW12.mask;
/** Doublewords of a command, and where in it they lie. */
const WORDS = sqe.size / 4;
const [NSID, PRP1, SLBA, CDW12] = [
  sqe.offset.nsid / 4,
  sqe.offset.prp1 / 4,
  sqe.offset.cdw10 / 4,
  sqe.offset.cdw12 / 4,
];
/** The opcode, and what no plain command has beside it. */
const PLAIN = 0xff | ((FLAGS.mask.FUSE | FLAGS.mask.PSDT) << 8);
const CID_SHIFT = 16;
/** Budget of a command beside its bytes. */
export const COMMAND = 16;

/** The controller, as these commands need it. */
export interface PageHost {
  readonly budget: Budget;
  readonly features: { readonly writeCache: boolean };
  readonly walk: PrpWalk;
  readonly counts: { reads: number; writes: number; read: number; written: number };
  /** By number, from 1; null where none is. */
  readonly namespaces: readonly (Namespace | null)[];
}

/**
 * READs and WRITEs that lie within one page, as most do: carried out from the ring, without a copy of the command and a list
 * of pieces, which take 50 ns of 240.
 */
export class PageCommands {
  private readonly host: PageHost;

  constructor(host: PageHost) {
    this.host = host;
  }

  /**
   * Carries out and answers commands up to the first that is another one, or is wrong.
   * @param ring the RAM that has all commands. @param answers the RAM that has all entries.
   */
  execute(queue: SubmissionQueue, ring: RamRange, answers: RamRange): void {
    const { budget, walk, namespaces } = this.host;
    const { memory } = walk;
    const { completions } = queue;
    const { words } = ring;
    const first = (queue.address - ring.base) / 4;
    while (queue.head !== queue.tail && !completions.isFull && budget.left > 0) {
      const at = first + queue.head * WORDS;
      const word = words[at]!;
      const opcode = word & PLAIN;
      const namespace = namespaces[words[at + NSID]!] ?? null;
      if (namespace === null || namespace.reservations !== null) return;
      const { medium, shift } = namespace;
      const cdw12 = words[at + CDW12]!;
      if (opcode !== NVM.READ && (opcode !== NVM.WRITE || !this.canWrite(medium, cdw12))) return;
      const address = quadAt(words, at + PRP1);
      const length = ((cdw12 & NLB) + 1) << shift;
      const within = address & (PAGE - 1);
      if (within % 4 !== 0 || within + length > PAGE) return;
      const offset = quadAt(words, at + SLBA) * (1 << shift);
      const range = memory.find(address, length);
      if (range === null || offset + length > medium.blocks * BLOCK) return;
      budget.spend(COMMAND);
      budget.spendOn(1, length);
      const status =
        opcode === NVM.READ
          ? this.read(medium, offset, range, address, length)
          : this.write(medium, offset, range, address, length);
      queue.head = queue.head + 1 === queue.size ? 0 : queue.head + 1;
      completions.post(memory, queue, word >>> CID_SHIFT, status, 0, answers);
    }
  }

  private read(
    medium: Medium,
    offset: number,
    { bytes, base }: RamRange,
    address: Gpa,
    length: number,
  ): number {
    const { counts, walk } = this.host;
    counts.reads++;
    counts.read += length;
    if (!medium.read(offset, bytes, address - base, length)) return STATUS.UNRECOVERED_READ;
    walk.memory.dirty?.(address, address + length, true);
    return STATUS.SUCCESS;
  }

  private write(
    medium: Medium,
    offset: number,
    { bytes, base }: RamRange,
    address: Gpa,
    length: number,
  ): number {
    const { counts } = this.host;
    counts.writes++;
    counts.written += length;
    return medium.write(offset, bytes, address - base, length) ? STATUS.SUCCESS : failureOf(medium);
  }

  /** Nothing has to become durable before the answer. */
  private canWrite(medium: Medium, cdw12: number): boolean {
    return !medium.readOnly && this.host.features.writeCache && (cdw12 & FUA) === 0;
  }
}

export function failureOf(medium: Medium): number {
  return medium.failure === 'full' ? STATUS.CAPACITY_EXCEEDED : STATUS.WRITE_FAULT;
}
