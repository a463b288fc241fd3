import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import { Watch } from '../../core/watch.ts';
import type { NvmeEvents, PrpRole } from '../../nvme/events.ts';
import * as reg from '../../nvme/registers/bar0.ts';
import {
  ADMIN,
  CNS,
  CREATE_SQ_CDW11,
  cqe,
  DSM_CDW11,
  FEATURE,
  FLAGS,
  NVM,
  RW_CDW12,
  sqe,
} from '../../nvme/registers/commands.ts';
import { type CommandKnows, isEmpty, NVME_COMMANDS, reservedIn } from './commands.ts';
import type { NamespaceSize, NvmeFacts } from './facts.ts';
import { furthestRange, type Mislaid, PrpShape, quadAt, writesMemory } from './prp-data.ts';
import { type AdminKnows, NVME_QUEUES } from './queues.ts';

const { FUSE, PSDT } = FLAGS.mask;
const RAE = 1 << 15;
/** Of dword 0 of an event. */
const EVENT_TYPE = 7;
const { opcode: OPCODE, flags: FLAGS_AT, cid: CID, nsid: NSID, cdw10: CDW10, prp1: PRP1 } = sqe.offset;
const IDS = 0x1_0000;

/** A queue that the controller has. */
interface KnownQueue {
  readonly address: number;
  readonly size: number;
  readonly order: number;
  /** Identifiers of outstanding commands, as bits. */
  readonly outstanding: Uint32Array;
  /** Where it completes. */
  readonly completion: number;
  /** Of a completion queue: no command was submitted yet that completes there. */
  isFresh: boolean;
}

/** Watches the commands of a controller's driver. */
export class CommandWatch implements Partial<NvmeEvents>, CommandKnows, AdminKnows {
  queue = 0;
  opcode = 0;
  nsid = 0;
  cid = 0;
  isTwice = false;
  fuse = 0;
  psdt = 0;
  reserved = '';
  first = 0;
  blocks = 0;
  namespace: NamespaceSize | null = null;
  role: PrpRole = 'first';
  address = 0;
  length = 0;
  mislaid: Mislaid = null;
  hasEmptyRange = false;
  cdw10 = 0;
  cdw11 = 0;
  place = 0;
  sizes = reg.CC.decode(0);
  hasAsked = false;
  completion = 0;
  stale = -1;
  hasRequested = false;
  unread = 0;
  isDeaf = false;
  readonly facts: NvmeFacts;
  /** Counts doorbells of the admin queue, and queues that come and go: which of two was first. */
  private order = 0;
  /** The doorbell that gave each admin command, and the one that gave the command now. */
  private readonly given = new Map<number, number>();
  private givenAt = 0;
  /** When a completion queue lost a submission queue. */
  private readonly leftAt = new Map<number, number>();
  private readonly submissions = new Map<number, KnownQueue>();
  private readonly completions = new Map<number, KnownQueue>();
  /** Namespaces, by number, as they were when the driver asked last, or used them first. */
  private readonly identified = new Map<number, NamespaceSize>();
  /** Identifiers of requests for events. */
  private readonly waiting = new Set<number>();
  /** An event was looked at, and its request not sent again. */
  private isDone = false;
  private readonly shape = new PrpShape();
  private readonly on;
  private readonly onAdmin;

  constructor(facts: NvmeFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, NVME_COMMANDS).on;
    this.onAdmin = new Watch(journal, NVME_QUEUES).on;
    journal.atEnd(() => this.onAdmin.ended.tell(this));
  }

  get subject(): string {
    return this.facts.subject;
  }

  get requests(): number {
    return this.waiting.size;
  }

  get ioQueues(): number {
    return [...this.submissions.keys(), ...this.completions.keys()].filter((id) => id > 0).length;
  }

  hasSubmission(queue: number): boolean {
    return this.submissions.has(queue);
  }

  hasCompletion(queue: number): boolean {
    return this.completions.has(queue);
  }

  isMade(completion: number): boolean {
    return this.completions.get(completion)!.order < this.givenAt;
  }

  isLeft(completion: number): boolean {
    return (this.leftAt.get(completion) ?? 0) < this.givenAt;
  }

  usersOf(completion: number): number {
    return [...this.submissions.values()].filter((one) => one.completion === completion).length;
  }

  reset(): void {
    this.stopped();
    this.sizes = reg.CC.decode(0);
  }

  stopped(): void {
    this.unread = 0;
    if (this.isDeaf) this.onAdmin.ended.tell(this);
    this.submissions.clear();
    this.completions.clear();
    this.hasAsked = false;
    this.waiting.clear();
    this.isDone = this.isDeaf = false;
    this.identified.clear();
    this.unread = 0;
  }

  registerWritten(register: Register | null, _offset: number, _width: number, value: number): void {
    if (register === (reg.CC as Register)) this.sizes = reg.CC.decode(value);
  }

  queueMade(isSubmission: boolean, queue: number, address: number, size: number): void {
    const outstanding = new Uint32Array(isSubmission ? IDS / 32 : 0);
    const completion = queue === 0 ? 0 : this.cdw11 >>> CREATE_SQ_CDW11.shift.CQID;
    const made = { address, size, order: ++this.order, outstanding, completion, isFresh: true };
    (isSubmission ? this.submissions : this.completions).set(queue, made);
  }

  queueGone(isSubmission: boolean, queue: number): void {
    if (isSubmission) this.leftAt.set(this.submissions.get(queue)?.completion ?? 0, ++this.order);
    (isSubmission ? this.submissions : this.completions).delete(queue);
  }

  submissionRung(queue: number, value: number, size: number, tail: number): void {
    const known = this.submissions.get(queue);
    if (known === undefined || value >= size) return;
    this.queue = queue;
    this.begin(known.completion);
    if (queue === 0) this.order++;
    for (let at = tail; at !== value; at = (at + 1) % size) {
      const address = known.address + at * sqe.size;
      const range = this.facts.memory.find(address, sqe.size);
      if (range === null) return;
      if (isEmpty(range.view, address - range.base)) continue;
      this.cid = range.view.getUint16(address - range.base + CID, true);
      if (queue === 0) this.given.set(this.cid, this.order);
      const bit = 1 << (this.cid & 31);
      this.isTwice = (known.outstanding[this.cid >> 5]! & bit) !== 0;
      known.outstanding[this.cid >> 5]! |= bit;
      this.on.submitted.tell(this);
    }
  }

  commanded(queue: number, entry: DataView): void {
    // That nothing was written there was told.
    if (isEmpty(entry, 0)) return;
    const flags = entry.getUint8(FLAGS_AT);
    this.queue = queue;
    this.opcode = entry.getUint8(OPCODE);
    this.cid = entry.getUint16(CID, true);
    this.nsid = entry.getUint32(NSID, true);
    this.fuse = flags & FUSE;
    this.psdt = (flags & PSDT) >>> FLAGS.shift.PSDT;
    this.reserved = reservedIn(queue, entry);
    this.cdw10 = entry.getUint32(CDW10, true);
    this.cdw11 = entry.getUint32(CDW10 + 4, true);
    this.first = quadAt(entry, CDW10);
    this.blocks = (entry.getUint32(RW_CDW12.offset, true) & RW_CDW12.mask.NLB) + 1;
    this.namespace = queue === 0 ? null : this.knownAt(this.nsid);
    if (queue !== 0 && this.opcode === NVM.DATASET_MANAGEMENT) this.takeRange(entry);
    this.on.commanded.tell(this);
    if (queue !== 0) this.isDeaf = this.isDone && this.waiting.size === 0;
    if (queue === 0) this.administered(entry);
  }

  resumed(queue: number, cid: number): void {
    this.queue = queue;
    this.cid = cid;
  }

  /** Without the bit to deallocate, ranges are advice. */
  private takeRange(entry: DataView): void {
    const isIt = (this.cdw11 & DSM_CDW11.mask.AD) !== 0;
    const { first, blocks, isEmpty } = furthestRange(this.facts, entry);
    this.first = isIt ? first : 0;
    this.blocks = isIt ? blocks : 0;
    this.hasEmptyRange = isEmpty;
  }

  prp(role: PrpRole, address: number, length: number): void {
    this.role = role;
    this.address = address;
    this.length = length;
    this.mislaid = this.shape.seen(this.facts, role, address, length, writesMemory(this.opcode));
    this.on.addressed.tell(this);
  }

  answered(queue: number, cid: number, status: number, result: number): void {
    const known = this.submissions.get(queue);
    if (known !== undefined) known.outstanding[cid >> 5]! &= ~(1 << (cid & 31));
    // A request for events ended: with an event of another type than errors, which follow from other mistakes.
    const isEvent = queue === 0 && this.waiting.delete(cid) && status === 0;
    if (isEvent && (result & EVENT_TYPE) !== 0) this.unread = (result >>> 16) & 0xff;
  }

  /** As the driver may know it: since it last asked, a namespace may have gone, or become smaller. */
  private knownAt(nsid: number): NamespaceSize | null {
    const now = this.facts.namespaceAt(nsid);
    const known = this.identified.get(nsid) ?? null;
    if (now === null || (known !== null && known.blocks >= now.blocks)) return known;
    return this.identify(nsid, now);
  }

  private identify(nsid: number, { blocks, blockSize }: NamespaceSize): NamespaceSize {
    const found = { blocks, blockSize };
    this.identified.set(nsid, found);
    return found;
  }

  /** It asked which namespaces there are, or about one. */
  private asked(cns: number): void {
    const { facts, identified, nsid } = this;
    for (const id of cns === CNS.ACTIVE_LIST ? [...identified.keys()] : [nsid]) {
      const now = facts.namespaceAt(id);
      if (now === null) identified.delete(id);
      else this.identify(id, now);
    }
  }

  /** What an admin command changes in what is known. */
  private administered(entry: DataView): void {
    const { opcode, cdw10 } = this;
    this.givenAt = this.given.get(this.cid) ?? Number.POSITIVE_INFINITY;
    this.place = quadAt(entry, PRP1);
    this.onAdmin.commanded.tell(this);
    if (opcode === ADMIN.SET_FEATURES && (cdw10 & 0xff) === FEATURE.NUMBER_OF_QUEUES) this.hasAsked = true;
    if (opcode === ADMIN.IDENTIFY && ((cdw10 & 0xff) === CNS.NAMESPACE || (cdw10 & 0xff) === CNS.ACTIVE_LIST))
      this.asked(cdw10 & 0xff);
    if (opcode === ADMIN.GET_LOG_PAGE && (cdw10 & RAE) === 0 && (cdw10 & 0xff) === this.unread) {
      this.isDone ||= this.unread !== 0;
      this.unread = 0;
    }
    if (opcode !== ADMIN.ASYNC_EVENT_REQUEST) return;
    this.hasRequested = true;
    this.isDone = this.isDeaf = false;
    this.waiting.add(this.cid);
  }

  /** The first command is submitted that completes there. */
  private begin(completion: number): void {
    const known = this.completions.get(completion);
    if (known?.isFresh !== true) return;
    known.isFresh = false;
    this.completion = completion;
    this.stale = this.staleIn(known.address, known.size);
    this.onAdmin.begun.tell(this);
  }

  /** The first entry there that has phase 1; -1 for none. */
  private staleIn(address: number, size: number): number {
    const range = this.facts.memory.find(address, size * cqe.size);
    if (range === null) return -1;
    for (let i = 0; i < size; i++) {
      const at = address - range.base + i * cqe.size + cqe.offset.status;
      if ((range.view.getUint16(at, true) & 1) !== 0) return i;
    }
    return -1;
  }
}
