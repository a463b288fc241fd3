import { Command, type SubmissionQueue } from './queues.ts';
import { FLAGS, NVM, RW_CDW12, STATUS } from './registers/commands.ts';
import type { IoExecutor, SchedulerHost } from './scheduler-host.ts';

const { FUSE } = FLAGS.mask;
const [FIRST, SECOND, RESERVED] = [1, 2, 3];
const { NLB } = RW_CDW12.mask;

/** Two commands of a queue that come as one: a Compare and a Write of the same blocks (NVM Express 1.4, 6.2). */
export class FusedPair {
  readonly second = new Command();
  /** The last command had a second, and what became of that. */
  hasSecond = false;
  secondStatus = 0;
  private readonly host: Pick<SchedulerHost, 'board' | 'events'>;
  private readonly io: IoExecutor;

  constructor(host: Pick<SchedulerHost, 'board' | 'events'>, io: IoExecutor) {
    this.host = host;
    this.io = io;
  }

  /** Carries out a command that is one of two, and takes the next of its queue if that is the other. @returns its status. */
  execute(queue: SubmissionQueue, first: Command): number {
    const { second } = this;
    this.hasSecond = (first.flags & FUSE) === FIRST && this.fetchSecond(queue);
    if (!this.hasSecond)
      return (first.flags & FUSE) === RESERVED ? STATUS.INVALID_FIELD : STATUS.FUSED_MISSING;
    first.flags &= ~FUSE;
    second.flags &= ~FUSE;
    this.secondStatus = STATUS.INVALID_FIELD;
    if (!isCompareAndWrite(first, second)) return STATUS.INVALID_FIELD;
    const status = this.executeOne(queue, first);
    this.secondStatus = status === STATUS.SUCCESS ? this.executeOne(queue, second) : STATUS.FUSED_FAILED;
    return status;
  }

  /** What is no second stays in its queue. */
  private fetchSecond(queue: SubmissionQueue): boolean {
    const { second, host } = this;
    const { head } = queue;
    if (head === queue.tail || !second.fetch(host.board.memory, queue)) return false;
    const isSecond = (second.flags & FUSE) === SECOND;
    if (isSecond) host.events?.commanded(queue.id, second.view);
    else queue.head = head;
    return isSecond;
  }

  private executeOne(queue: SubmissionQueue, command: Command): number {
    this.host.events?.resumed(queue.id, command.cid, command.opcode);
    return this.io.execute(command);
  }
}

/** Of the same blocks. */
function isCompareAndWrite(first: Command, second: Command): boolean {
  const isSame = [10, 11].every((dword) => first.dword(dword) === second.dword(dword));
  const isAsLong = (first.dword(12) & NLB) === (second.dword(12) & NLB) && first.nsid === second.nsid;
  return first.opcode === NVM.COMPARE && second.opcode === NVM.WRITE && isSame && isAsLong;
}
