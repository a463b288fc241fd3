import type { Mark } from '../../../core/access.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { CDB } from '../../../scsi/cdb/registers.ts';
import type { ScsiEvents, SeenRequest } from '../../../virtio/scsi/events.ts';
import { SCSI_EVENT, SCSI_RESET_REASON, WELL_KNOWN } from '../../../virtio/scsi/registers.ts';

/** Virtual nanoseconds within which an interrupt is served, and a polling driver has polled. */
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

/** Commands that move blocks. */
const MOVING = opcodesOf(
  ...Object.entries(CDB)
    .filter(([name]) => /^(READ|WRITE)_\d+$/.test(name))
    .map(([, command]) => command),
);

/** What a driver should look at after an event. */
interface Awaited {
  /** A unit that may be new, one that changed, all units, because an event was lost, or one that is gone. */
  readonly what: 'rescan' | 'change' | 'missed' | 'removed';
  readonly target: number;
  readonly lun: number;
  /** The access at which the event was delivered. */
  readonly since: Mark;
  /** The driver looked at it; and sent INQUIRY or REPORT LUNS. */
  looked: boolean;
  asked: boolean;
  /** The unit that is gone was asked for data. */
  used: boolean;
  /** Other commands came after the time to look. */
  late: boolean;
}

const EVENTQ = 'virtio 1.4, Device Operation: eventq';
const FEATURES = 'virtio 1.4, SCSI Host Device, Feature bits';

/** Rules on a driver's reaction to the events of a SCSI host adapter. */
export const HOT_EVENTS = {
  'virtio/SCSI-FEAT-D1': {
    where: FEATURES,
    text: 'A driver with HOTPLUG SHOULD act on hot-plug and hot-unplug events.',
    advice:
      'Send INQUIRY or REPORT LUNS to the target of a RESCAN event, and no more commands to a unit that was REMOVED; or do not accept HOTPLUG.',
    on: 'settled',
    when: (k) => k.awaited.what === 'rescan' || k.awaited.what === 'removed',
    kept: ({ awaited: { what, looked, used } }) => (what === 'removed' ? !used : looked),
    said: (k) =>
      k.awaited.what === 'removed'
        ? `${unitOf(k)} was announced as removed, but its blocks are still read or written`
        : `${unitOf(k)} was announced as new, but the driver did not look at target ${k.awaited.target}`,
    since: (k) => k.awaited.since,
  },
  'virtio/SCSI-FEAT-D2': {
    where: FEATURES,
    text: 'A driver with CHANGE SHOULD act on parameter change events.',
    advice:
      'Ask for what changed, for example with READ CAPACITY, or send TEST UNIT READY; or do not accept CHANGE.',
    on: 'settled',
    when: (k) => k.awaited.what === 'change',
    kept: (k) => k.awaited.looked,
    said: (k) => `${unitOf(k)} was announced as changed, but the driver did not ask what changed`,
    since: (k) => k.awaited.since,
  },
  'virtio/SCSI-EVT-D5': {
    where: EVENTQ,
    text: 'A driver SHOULD poll its units or rescan the bus after an event with the events-missed bit.',
    advice: 'If bit 31 of an event is set, look for units again: TEST UNIT READY, INQUIRY or REPORT LUNS.',
    on: 'settled',
    when: (k) => k.awaited.what === 'missed',
    kept: (k) => k.awaited.looked,
    said: () => 'an event said that others were missed, but the driver checked no unit',
    since: (k) => k.awaited.since,
  },
  'virtio/SCSI-EVT-D7': {
    where: EVENTQ,
    text: 'A driver SHOULD rescan the whole target after a REMOVED or RESCAN event for LUN 0.',
    advice: 'Ask the target which units it has, with REPORT LUNS or INQUIRY: LUN 0 stands for all of them.',
    on: 'settled',
    // A driver that does not look at all breaks FEAT-D1.
    when: (k) => k.awaited.what === 'rescan' && k.awaited.lun === 0 && k.awaited.looked,
    kept: (k) => k.awaited.asked,
    said: (k) =>
      `${unitOf(k)} was announced as new, but the driver did not ask target ${k.awaited.target} which units it has`,
    since: (k) => k.awaited.since,
  },
} as const satisfies Rules<HotEventWatch>;

function unitOf({ awaited: { target, lun } }: HotEventWatch): string {
  return `target ${target} LUN ${lun}`;
}

interface Timed extends Awaited {
  readonly at: Nanos;
}

/** Watches a driver's reaction to the events that it was sent. */
export class HotEventWatch implements Partial<ScsiEvents> {
  awaited!: Awaited;
  private readonly name: () => string;
  private readonly journal: Journal;
  /** The driver looked, or the run is over and it had the time to. */
  private readonly on;
  private pending: Timed[] = [];

  /** @param name names the adapter. */
  constructor(name: () => string, journal: Journal) {
    this.name = name;
    this.journal = journal;
    this.on = new Watch(journal, HOT_EVENTS).on;
    journal.atEnd(() => this.ended());
  }

  get subject(): string {
    return this.name();
  }

  eventTold(event: number, target: number, lun: number, reason: number, missed: boolean): void {
    if (missed) {
      this.pending = this.pending.filter(({ what }) => what !== 'removed');
      this.await('missed', -1, -1);
    }
    if (event === SCSI_EVENT.PARAM_CHANGE) this.await('change', target, lun);
    if (event !== SCSI_EVENT.TRANSPORT_RESET) return;
    const isRemoved = reason === SCSI_RESET_REASON.REMOVED;
    if (!isRemoved && reason !== SCSI_RESET_REASON.RESCAN) return;
    // A unit that is gone again need not be looked at, and one that came again may be used.
    this.pending = this.pending.filter(
      (one) => one.target !== target || one.lun !== lun || (!isRemoved && one.what === 'change'),
    );
    this.await(isRemoved ? 'removed' : 'rescan', target, lun);
  }

  requested({ target, lun, command }: SeenRequest): void {
    this.moveTaken(target, lun, command.cdb[0]!);
  }

  moveTaken(target: number, lun: number, opcode: number): void {
    if (this.pending.length === 0) return;
    for (const one of this.pending) this.follow(one, target, lun, opcode);
    this.pending = this.pending.filter((one) => !one.asked || !this.settle(one));
  }

  /** The next driver of the adapter has got no events. */
  reset(): void {
    this.pending = [];
  }

  private await(what: Awaited['what'], target: number, lun: number): void {
    const { now, mark } = this.journal;
    const one = {
      what,
      target,
      lun,
      since: mark,
      at: now,
      looked: false,
      asked: false,
      used: false,
      late: false,
    };
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
    } else if (one.what === 'removed') {
      // A driver that asks whether it is there may find another in its place.
      one.asked =
        target === one.target && (POLLING.has(opcode) || (lun === one.lun && this.isUse(one, opcode)));
      one.used = one.asked && !POLLING.has(opcode);
    } else {
      const isThere = one.what === 'missed' || (target === one.target && lun === one.lun);
      const does = one.what === 'missed' ? POLLING : LOOKING;
      one.asked ||= isThere && does.has(opcode);
      one.looked = one.asked;
    }
    one.late ||= this.journal.now > one.at + TIME_TO_LOOK;
  }

  private isUse(one: Timed, opcode: number): boolean {
    return MOVING.has(opcode) && this.journal.now > one.at + TIME_TO_LOOK;
  }

  private settle(one: Awaited): true {
    this.awaited = one;
    this.on.settled.tell(this);
    return true;
  }

  /** The run is over: judges the events that the driver had time to look at. */
  ended(): void {
    for (const one of this.pending) if (one.late) this.settle(one);
    this.pending = [];
  }
}
