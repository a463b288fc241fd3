import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents } from '../../nvme/events.ts';
import { NVM, sqe } from '../../nvme/registers/commands.ts';
import type { NvmeFacts } from './facts.ts';

const { cid: CID, opcode: OPCODE, nsid: NSID, cdw10: CDW10 } = sqe.offset;
const DNR = 0x4000;
/** Words of a command that say what it does: namespace, and dwords 10 to 15. */
const WORDS = 7;
/** Failures in a row: more than drivers try again. */
export const WITH_DNR = 16;
/** Without DNR more than there may be in flight; and virtual ns per failure. */
const [WITHOUT, A_WHILE] = [256, 50_000];

/** Rules of commands that fail. */
export const NVME_RETRIES = {
  'nvme/RETRY': {
    where: 'NVM Express 1.4, 4.6.1: DNR and CRD',
    text: 'A driver SHOULD NOT send a command again and again that failed with DNR, nor without a pause one that failed without.',
    advice:
      'Report what fails with DNR at once: it fails each time. Try another command a few times more, for CRD says how much later, and then give up.',
    on: 'failed',
    kept: (k) => k.times <= k.most || k.time >= k.times * A_WHILE,
    said: (k) =>
      `command ${hex(k.opcode, 2)} of queue ${k.queue} failed with status ${hex(k.status & ~DNR, 3)}${(k.status & DNR) === 0 ? '' : ' and DNR'}, and was sent ${k.times} times in ${Math.round(k.time / 1000)} us`,
  },
} as const satisfies Rules<RetryWatch>;

/** Watches whether a driver sends a command again that failed. Compare fails where blocks differ, which a driver may wait for. */
export class RetryWatch implements Partial<NvmeEvents> {
  queue = 0;
  opcode = 0;
  status = 0;
  /** Failures of the same command in a row, and since when. */
  times = 0;
  time: Nanos = 0;
  private since: Nanos = 0;
  /** What was taken last. */
  private cid = -1;
  private readonly last = new Int32Array(WORDS);
  private readonly failed = new Int32Array(WORDS);
  private readonly facts: NvmeFacts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, NVME_RETRIES).on;
  }

  get subject(): string {
    return this.facts.subject;
  }

  get most(): number {
    return (this.status & DNR) === 0 ? WITHOUT : WITH_DNR;
  }

  commanded(queue: number, entry: DataView): void {
    const { last } = this;
    const opcode = entry.getUint8(OPCODE);
    if (queue !== this.queue || opcode !== this.opcode) this.times = 0;
    this.queue = queue;
    this.opcode = opcode;
    this.cid = entry.getUint16(CID, true);
    last[0] = entry.getInt32(NSID, true);
    for (let i = 1; i < WORDS; i++) last[i] = entry.getInt32(CDW10 + 4 * (i - 1), true);
  }

  answered(queue: number, cid: number, status: number): void {
    if (queue !== this.queue || cid !== this.cid || this.opcode === NVM.COMPARE) return;
    this.cid = -1;
    const { last, failed, times } = this;
    const { now } = this.journal;
    const isSame = times > 0 && last.every((word, i) => word === failed[i]);
    this.times = status === 0 ? 0 : isSame ? times + 1 : 1;
    if (status === 0) return;
    if (!isSame) this.since = now;
    failed.set(last);
    this.status = status;
    this.time = now - this.since;
    this.on.failed.tell(this);
  }
}
