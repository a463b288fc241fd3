import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { CDB } from '../../../scsi/cdb/registers.ts';
import type { SeenRequest } from '../../../virtio/scsi/events.ts';
import { SCSI_EVENT, SCSI_RESET_REASON, WELL_KNOWN } from '../../../virtio/scsi/registers.ts';
import { type Awaited, HOT_EVENTS, type HotEventKnows, type HotEventMoment } from './hot-events.ts';

/** Within so many virtual nanoseconds an interrupt is served, and a driver that polls has come by. */
const TIME_TO_LOOK: Nanos = 500_000;
/** Events that are followed; of more than these, the oldest are not judged. */
const MOST = 64;

const opcodesOf = (...commands: readonly { readonly usage: Uint8Array }[]) =>
  new Set(commands.map(({ usage }) => usage[0]!));
/** Commands by which a driver learns which units there are … */
const ASKING = opcodesOf(CDB.INQUIRY, CDB.REPORT_LUNS);
/** … whether one is there … */
const POLLING = new Set([...ASKING, ...opcodesOf(CDB.TEST_UNIT_READY)]);
/** … or what it is like. */
const LOOKING = new Set([
  ...POLLING,
  ...opcodesOf(
    CDB.READ_CAPACITY_10,
    CDB.READ_CAPACITY_16,
    CDB.REQUEST_SENSE,
    CDB.MODE_SENSE_6,
    CDB.MODE_SENSE_10,
  ),
]);

interface Timed extends Awaited {
  readonly at: Nanos;
}

/** Watches what a driver does about the events that it was told. */
export class HotEventWatch implements HotEventKnows {
  awaited!: Awaited;
  private readonly name: () => string;
  private readonly journal: Journal;
  private readonly onSettled;
  private pending: Timed[] = [];

  /** @param name who is addressed, in words. */
  constructor(name: () => string, journal: Journal) {
    this.name = name;
    this.journal = journal;
    this.onSettled = new Watch<HotEventKnows, HotEventMoment>(journal, HOT_EVENTS).at('settled');
    journal.atEnd(() => this.ended());
  }

  get subject(): string {
    return this.name();
  }

  told(event: number, target: number, lun: number, reason: number, missed: boolean): void {
    if (missed) this.await('missed', -1, -1);
    if (event === SCSI_EVENT.PARAM_CHANGE) this.await('change', target, lun);
    if (event !== SCSI_EVENT.TRANSPORT_RESET) return;
    if (reason === SCSI_RESET_REASON.RESCAN) this.await('rescan', target, lun);
    // What is gone again need not be looked at.
    else if (reason === SCSI_RESET_REASON.REMOVED)
      this.pending = this.pending.filter((one) => one.target !== target || one.lun !== lun);
  }

  requested({ target, lun, command }: SeenRequest): void {
    if (this.pending.length === 0) return;
    const opcode = command.cdb[0]!;
    for (const one of this.pending) this.follow(one, target, lun, opcode);
    this.pending = this.pending.filter((one) => !one.asked || !this.settle(one));
  }

  /** Whoever drives the adapter from now on was told nothing. */
  reset(): void {
    this.pending = [];
  }

  private await(what: Awaited['what'], target: number, lun: number): void {
    const { now, mark } = this.journal;
    const one = { what, target, lun, since: mark, at: now, looked: false, asked: false, late: false };
    const others = this.pending.filter(
      (old) => old.what !== what || old.target !== target || old.lun !== lun,
    );
    this.pending = [...others, one].slice(-MOST);
  }

  private follow(one: Timed, target: number, lun: number, opcode: number): void {
    const all = target === WELL_KNOWN && ASKING.has(opcode);
    if (one.what === 'rescan') {
      const isThere = all || target === one.target;
      one.looked ||= isThere && LOOKING.has(opcode);
      one.asked ||= isThere && ASKING.has(opcode);
    } else {
      const isThere = one.what === 'missed' || (target === one.target && lun === one.lun);
      const does = one.what === 'missed' ? POLLING : LOOKING;
      one.asked ||= isThere && does.has(opcode);
      one.looked = one.asked;
    }
    one.late ||= this.journal.now > one.at + TIME_TO_LOOK;
  }

  private settle(one: Awaited): true {
    this.awaited = one;
    this.onSettled.tell(this);
    return true;
  }

  /** The run is over: who was told and had the time looked, or did not. */
  ended(): void {
    for (const one of this.pending) if (one.late) this.settle(one);
    this.pending = [];
  }
}
