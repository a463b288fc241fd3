import type { EventTable } from '../core/compose.ts';
import type { Register } from '../core/register.ts';

/**
 * What an address is for: of PRPs the first or second of a command, the pointer to a list, an entry of it, or the next list; of
 * SGLs data, or a segment.
 */
export type PrpRole = 'first' | 'second' | 'list' | 'entry' | 'chain' | 'block' | 'segment';

/** What a controller reports to the watcher of its driver. */
export interface NvmeEvents {
  /** The platform was reset, or power came on. */
  reset(): void;
  /** A register was written, or read; null where none begins. `open`: bus mastering is on. */
  registerWritten(
    register: Register | null,
    offset: number,
    width: number,
    value: number,
    csts: number,
    open: boolean,
  ): void;
  registerRead(register: Register | null, offset: number, width: number, csts: number): void;
  /** CC.EN is set: whether the controller can run as it is set up. */
  started(isSound: boolean): void;
  /** CC.EN is clear, or the shutdown is done. */
  stopped(): void;
  /** A doorbell was written; `width` and `offset` as they were, `open` as of a register. */
  doorbellWritten(offset: number, width: number, value: number, csts: number, open: boolean): void;
  /** The tail of a submission queue of `size` entries: before, and the head; without such a queue all three are 0. */
  submissionRung(queue: number, value: number, size: number, tail: number, head: number): void;
  /** The head of a completion queue: before, and the tail. */
  completionRung(queue: number, value: number, size: number, head: number, tail: number): void;
  /** A command was taken: its entry, valid during the call. It is carried out next. */
  commanded(queue: number, entry: DataView): void;
  /** Or not yet: it is held, and this says when it is carried out. */
  held(queue: number, entry: DataView): void;
  resumed(queue: number, cid: number, opcode: number): void;
  /** An address of it is used next. */
  prp(role: PrpRole, address: number, length: number): void;
  /** It was carried out, with this status and result, which its driver will see. Without it the command is outstanding. */
  answered(queue: number, cid: number, status: number, result: number): void;
  /** A queue exists from now on: where, and how many entries it has. */
  queueMade(isSubmission: boolean, queue: number, address: number, size: number): void;
  /** It is deleted. */
  queueGone(isSubmission: boolean, queue: number): void;
}

export const NVME_EVENTS = {
  reset: 0,
  registerWritten: 6,
  registerRead: 4,
  started: 1,
  stopped: 0,
  doorbellWritten: 5,
  submissionRung: 5,
  completionRung: 5,
  commanded: 2,
  held: 2,
  resumed: 3,
  prp: 3,
  answered: 4,
  queueMade: 4,
  queueGone: 2,
} as const satisfies EventTable<NvmeEvents>;
