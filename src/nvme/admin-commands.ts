import { type Budget, BYTES_SHIFT } from '../core/budget.ts';
import { type AsyncEvents, EVENT_TYPE, IO_INFO } from './async-events.ts';
import type { Features } from './features.ts';
import { describeNamespace, identifyController, identifyNamespace } from './identify.ts';
import { logPage, type Notifications } from './log-pages.ts';
import type { Namespace } from './namespace.ts';
import type { PrpWalk } from './prp.ts';
import { type Command, CompletionQueue, SubmissionQueue } from './queues.ts';
import { PAGE } from './registers/bar0.ts';
import {
  ADMIN,
  BROADCAST,
  CNS,
  CREATE_CQ_CDW11,
  CREATE_SQ_CDW11,
  FEATURE,
  FLAGS,
  LOG,
  STATUS,
  sqe,
} from './registers/commands.ts';
import { IDENTIFY_BYTES } from './registers/identify.ts';
import type { NvmeSettings } from './settings.ts';

const { FUSE, PSDT } = FLAGS.mask;
const { prp1: PRP1, prp2: PRP2, cdw12: CDW12 } = sqe.offset;
/** Of dword 10 of Get Log Page: the events of this page stay quiet. */
const RAE = 1 << 15;
const NOT_ABORTED = 1;
/** The command is answered later. */
export const PENDING = -1;

/** The controller, as admin commands need it. */
export interface AdminHost {
  readonly settings: NvmeSettings;
  readonly budget: Budget;
  readonly vectors: number;
  readonly canSignal: boolean;
  readonly features: Features;
  readonly asyncEvents: AsyncEvents;
  readonly walk: PrpWalk;
  readonly counts: { reads: number; writes: number; read: number; written: number };
  readonly namespaces: readonly (Namespace | null)[];
  readonly changed: Set<number>;
  readonly notifications: Notifications;
  readonly queues: AdminQueues;
}

/** The queues that commands make and delete. */
interface AdminQueues {
  readonly submissions: readonly (SubmissionQueue | null)[];
  readonly completions: readonly (CompletionQueue | null)[];
  add(queue: SubmissionQueue | CompletionQueue): void;
  remove(queue: SubmissionQueue | CompletionQueue): void;
  /** Answers a command of a queue that waited. */
  answerWaiting(queue: number, cid: number, status: number): void;
  /** Commands that are not carried out yet. */
  readonly pace: { abort(queue: number, cid: number): boolean };
}

/** The commands of the admin queue (NVM Express 1.4, 5). */
export class AdminCommands {
  /** Dword 0 of the answer. */
  result = 0;
  private readonly host: AdminHost;
  private readonly id = idOf(new Uint8Array(8));

  constructor(host: AdminHost) {
    this.host = host;
  }

  /** @returns a status, or PENDING. */
  execute(command: Command): number {
    this.result = 0;
    if ((command.flags & (FUSE | PSDT)) !== 0) return STATUS.INVALID_FIELD;
    switch (command.opcode) {
      case ADMIN.DELETE_SQ:
        return this.deleteSubmission(command.dword(10) & 0xffff);
      case ADMIN.CREATE_SQ:
        return this.createSubmission(command);
      case ADMIN.GET_LOG_PAGE:
        return this.getLogPage(command);
      case ADMIN.DELETE_CQ:
        return this.deleteCompletion(command.dword(10) & 0xffff);
      case ADMIN.CREATE_CQ:
        return this.createCompletion(command);
      case ADMIN.IDENTIFY:
        return this.identify(command);
      case ADMIN.ABORT:
        return this.abort(command);
      case ADMIN.SET_FEATURES:
      case ADMIN.GET_FEATURES:
        return this.feature(command);
      case ADMIN.ASYNC_EVENT_REQUEST:
        return this.requestEvent(command.cid);
      default:
        return STATUS.INVALID_OPCODE;
    }
  }

  private createCompletion(command: Command): number {
    const { host } = this;
    const { id, entries, address } = placeOf(command);
    const dword = command.dword(11);
    const { PC, IEN } = CREATE_CQ_CDW11.mask;
    const vector = dword >>> CREATE_CQ_CDW11.shift.IV;
    if (!this.isFree(id, host.queues.completions)) return STATUS.INVALID_QID;
    if (entries < 2 || entries > host.settings.entries) return STATUS.INVALID_QUEUE_SIZE;
    if ((dword & PC) === 0) return STATUS.INVALID_FIELD;
    if (address % PAGE !== 0) return STATUS.PRP_OFFSET_INVALID;
    if (vector >= (host.canSignal ? host.vectors : 1)) return STATUS.INVALID_VECTOR;
    host.queues.add(new CompletionQueue({ id, address, size: entries }, (dword & IEN) !== 0 ? vector : -1));
    return STATUS.SUCCESS;
  }

  private createSubmission(command: Command): number {
    const { host } = this;
    const { id, entries, address } = placeOf(command);
    const dword = command.dword(11);
    const target = dword >>> CREATE_SQ_CDW11.shift.CQID;
    const completions = target === 0 ? null : host.queues.completions[target];
    if (completions == null) return STATUS.INVALID_CQ;
    if (!this.isFree(id, host.queues.submissions)) return STATUS.INVALID_QID;
    if (entries < 2 || entries > host.settings.entries) return STATUS.INVALID_QUEUE_SIZE;
    if ((dword & CREATE_SQ_CDW11.mask.PC) === 0) return STATUS.INVALID_FIELD;
    if (address % PAGE !== 0) return STATUS.PRP_OFFSET_INVALID;
    const priority = CREATE_SQ_CDW11.decode(dword).QPRIO;
    host.queues.add(new SubmissionQueue({ id, address, size: entries }, completions, priority));
    return STATUS.SUCCESS;
  }

  private isFree(id: number, queues: readonly unknown[]): boolean {
    return id > 0 && id <= this.host.settings.queues && queues[id] == null;
  }

  private deleteSubmission(id: number): number {
    const queue = id === 0 ? null : this.host.queues.submissions[id];
    if (queue == null) return STATUS.INVALID_QID;
    this.host.queues.remove(queue);
    return STATUS.SUCCESS;
  }

  private deleteCompletion(id: number): number {
    const queue = id === 0 ? null : this.host.queues.completions[id];
    if (queue == null) return STATUS.INVALID_QID;
    if (this.host.queues.submissions.some((other) => other?.completions === queue))
      return STATUS.INVALID_QUEUE_DELETION;
    this.host.queues.remove(queue);
    return STATUS.SUCCESS;
  }

  private identify(command: Command): number {
    const { settings, namespaces } = this.host;
    const { nsid } = command;
    switch (command.dword(10) & 0xff) {
      case CNS.CONTROLLER:
        return this.give(command, identifyController(settings));
      case CNS.ACTIVE_LIST:
        if (nsid >= BROADCAST - 1) return STATUS.INVALID_NAMESPACE;
        return this.give(command, listOf(namespaces, nsid));
      case CNS.NAMESPACE: {
        if (nsid === 0 || nsid >= namespaces.length) return STATUS.INVALID_NAMESPACE;
        const namespace = namespaces[nsid]!;
        const none = new Uint8Array(IDENTIFY_BYTES);
        return this.give(command, namespace === null ? none : identifyNamespace(namespace));
      }
      case CNS.DESCRIPTORS: {
        const namespace = namespaces[nsid];
        if (nsid === 0 || namespace == null) return STATUS.INVALID_NAMESPACE;
        return this.give(command, describeNamespace(namespace));
      }
      default:
        return STATUS.INVALID_FIELD;
    }
  }

  private getLogPage(command: Command): number {
    const { host } = this;
    const dword = command.dword(10);
    const log = dword & 0xff;
    const bytes = logPage(log, host);
    if (bytes === null) return STATUS.INVALID_LOG_PAGE;
    const length = ((((command.dword(11) & 0xffff) << 16) | (dword >>> 16)) >>> 0) * 4 + 4;
    const offset = command.quad(CDW12);
    if (offset % 4 !== 0 || offset > bytes.length) return STATUS.INVALID_FIELD;
    if (length > PAGE << host.settings.mdts) return STATUS.INVALID_FIELD;
    host.budget.spend(length >> BYTES_SHIFT);
    const answer = new Uint8Array(length);
    answer.set(bytes.subarray(offset, offset + length));
    const status = this.give(command, answer);
    if (status !== STATUS.SUCCESS || (dword & RAE) !== 0) return status;
    host.asyncEvents.read(log);
    if (log === LOG.CHANGED_NAMESPACES) host.changed.clear();
    if (log === LOG.RESERVATION) this.notificationRead();
    return status;
  }

  /** Where there are more, that is an event again. */
  private notificationRead(): void {
    const { notifications, asyncEvents } = this.host;
    notifications.read();
    if (!notifications.isEmpty) asyncEvents.raise(EVENT_TYPE.IO, IO_INFO.RESERVATION_LOG);
  }

  /** Only what waits can be aborted: requests for events, and commands that a controller holds. */
  private abort(command: Command): number {
    const { asyncEvents, queues } = this.host;
    const dword = command.dword(10);
    const [queue, cid] = [dword & 0xffff, dword >>> 16];
    if (queue === 0 ? asyncEvents.abort(cid) : queues.pace.abort(queue, cid))
      queues.answerWaiting(queue, cid, STATUS.ABORT_REQUESTED);
    else this.result = NOT_ABORTED;
    return STATUS.SUCCESS;
  }

  private feature(command: Command): number {
    const { features } = this.host;
    if ((command.dword(10) & 0xff) === FEATURE.HOST_IDENTIFIER) return this.hostIdentifier(command);
    features.result = 0;
    const sets = command.opcode === ADMIN.SET_FEATURES;
    const status = sets ? features.set(command) : features.get(command);
    this.result = features.result;
    return status;
  }

  /** Eight bytes of data, and not in the value. */
  private hostIdentifier(command: Command): number {
    const { features, settings, walk } = this.host;
    const isLong = (command.dword(11) & 1) !== 0;
    if (!settings.offers.reservations || isLong) return STATUS.INVALID_FIELD;
    const { bytes } = this.id;
    const status = walk.walk(command.quad(PRP1), command.quad(PRP2), bytes.length);
    if (status !== STATUS.SUCCESS) return status;
    if (command.opcode === ADMIN.GET_FEATURES) {
      this.id.view.setBigUint64(0, features.hostId, true);
      walk.data.scatter(bytes);
    } else {
      walk.data.gather(bytes);
      features.hostId = this.id.view.getBigUint64(0, true);
    }
    return STATUS.SUCCESS;
  }

  private requestEvent(cid: number): number {
    const { asyncEvents } = this.host;
    if (asyncEvents.isFull) return STATUS.AER_LIMIT_EXCEEDED;
    asyncEvents.request(cid);
    return PENDING;
  }

  private give(command: Command, bytes: Uint8Array): number {
    const { walk } = this.host;
    const status = walk.walk(command.quad(PRP1), command.quad(PRP2), bytes.length);
    if (status === STATUS.SUCCESS) walk.data.scatter(bytes);
    return status;
  }
}

function idOf(bytes: Uint8Array): { bytes: Uint8Array; view: DataView } {
  return { bytes, view: new DataView(bytes.buffer) };
}

/** Of a command that makes a queue. */
function placeOf(command: Command): { id: number; entries: number; address: number } {
  const dword = command.dword(10);
  return { id: dword & 0xffff, entries: (dword >>> 16) + 1, address: command.quad(PRP1) };
}

/** The numbers of namespaces above `after`, which end with a 0. */
function listOf(namespaces: readonly (Namespace | null)[], after: number): Uint8Array {
  const words = new Uint32Array(IDENTIFY_BYTES / 4);
  const ids = namespaces.flatMap((one) => (one !== null && one.id > after ? [one.id] : []));
  words.set(ids.slice(0, words.length));
  return new Uint8Array(words.buffer);
}
