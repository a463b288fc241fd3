import { LOG } from './registers/commands.ts';
import { LIMITS } from './settings.ts';

/** The type of an event (NVM Express 1.4, 5.2); its place in the lists below. */
export const EVENT_TYPE = { ERROR: 0, SMART: 1, NOTICE: 2, IO: 6 } as const;
type EventType = (typeof EVENT_TYPE)[keyof typeof EVENT_TYPE];
/** Of errors: a doorbell of no queue, and a value that it cannot have. */
export const ERROR_INFO = { NO_DOORBELL: 0, DOORBELL_VALUE: 1 } as const;
/** Of notices: the namespaces changed. */
export const NOTICE_INFO = { NAMESPACE_CHANGED: 0 } as const;
/** Of the NVM command set: the log of notifications of reservations has a page. */
export const IO_INFO = { RESERVATION_LOG: 0 } as const;
const NONE = -1;
/** By type, the log page that tells more; 3 to 5 are reserved. */
const LOG_OF = [LOG.ERROR, LOG.SMART, LOG.CHANGED_NAMESPACES, NONE, NONE, NONE, LOG.RESERVATION];

/** Requests for events that wait, and events that wait for a request. A type is told once until its log page is read. */
export class AsyncEvents {
  private readonly waiting: number[] = [];
  /** By type: what is to be told, and that it was. */
  private readonly pending = LOG_OF.map(() => NONE);
  private readonly masked = LOG_OF.map(() => false);

  get isFull(): boolean {
    return this.waiting.length > LIMITS.aerl;
  }

  reset(): void {
    this.waiting.length = 0;
    this.pending.fill(NONE);
    this.masked.fill(false);
  }

  /** A command waits for an event. */
  request(cid: number): void {
    this.waiting.push(cid);
  }

  /** Whether the command waited. It does not any more. */
  abort(cid: number): boolean {
    const at = this.waiting.indexOf(cid);
    if (at >= 0) this.waiting.splice(at, 1);
    return at >= 0;
  }

  /** An event. An error is told only if a request waits for it now. */
  raise(type: EventType, info: number): void {
    if (this.masked[type] || (type === EVENT_TYPE.ERROR && this.waiting.length === 0)) return;
    this.pending[type] = info;
  }

  /** The log page was read: its events are told again. */
  read(log: number): void {
    const type = LOG_OF.indexOf(log);
    if (type >= 0) this.masked[type] = false;
  }

  /** The next event for a request: dword 0 of its completion, whose command is in `cid`; -1 is none. */
  next(): number {
    if (this.waiting.length === 0) return NONE;
    const type = this.pending.findIndex((info) => info !== NONE);
    if (type < 0) return NONE;
    const info = this.pending[type]!;
    this.pending[type] = NONE;
    this.masked[type] = true;
    this.cid = this.waiting.shift()!;
    return ((LOG_OF[type]! << 16) | (info << 8) | type) >>> 0;
  }

  /** The command of the event that was told last. */
  cid = 0;
}
