import type { Command } from './queues.ts';
import { FLAGS, NVM, RW_CDW12, STATUS } from './registers/commands.ts';

const { FUSE } = FLAGS.mask;
const [FIRST, SECOND, RESERVED] = [1, 2, 3];
const { NLB } = RW_CDW12.mask;

/** Two commands of a queue that come as one: a Compare and a Write of the same blocks (NVM Express 1.4, 6.2). */
export class FusedPair {
  /** The status of the second. */
  second = 0;
  private readonly io: { execute(command: Command): number };

  constructor(io: { execute(command: Command): number }) {
    this.io = io;
  }

  /** Carries out a command that is one of two, and the next of its queue. @returns the status of the first. */
  execute(first: Command, second: Command | null): number {
    const begins = (first.flags & FUSE) === FIRST;
    if (!begins || second === null || (second.flags & FUSE) !== SECOND) {
      if (second !== null) this.second = this.executeAlone(second);
      return refusalOf(first);
    }
    first.flags &= ~FUSE;
    second.flags &= ~FUSE;
    this.second = STATUS.INVALID_FIELD;
    if (!isCompareAndWrite(first, second)) return STATUS.INVALID_FIELD;
    const status = this.io.execute(first);
    this.second = status === STATUS.SUCCESS ? this.io.execute(second) : STATUS.FUSED_FAILED;
    return status;
  }

  private executeAlone(command: Command): number {
    return (command.flags & FUSE) === 0 ? this.io.execute(command) : refusalOf(command);
  }
}

/** Of one that is no part of a pair. */
function refusalOf({ flags }: Command): number {
  return (flags & FUSE) === RESERVED ? STATUS.INVALID_FIELD : STATUS.FUSED_MISSING;
}

/** Of the same blocks. */
function isCompareAndWrite(first: Command, second: Command): boolean {
  const isSame = [10, 11].every((dword) => first.dword(dword) === second.dword(dword));
  const isAsLong = (first.dword(12) & NLB) === (second.dword(12) & NLB) && first.nsid === second.nsid;
  return first.opcode === NVM.COMPARE && second.opcode === NVM.WRITE && isSame && isAsLong;
}
