import type { Time, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { Interface } from '../../../virtio/events.ts';
import type { Chain, NetEvents } from '../../../virtio/net/events.ts';
import { virtio_net_config } from '../../../virtio/net/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { commandOf } from './command.ts';

const { status, speed, duplex } = virtio_net_config.offset;
/** Virtual ns that a notified driver has to react; and as long again from its next use of the card. */
const BOUND = 1_000_000_000;

const GRATUITOUS = 'virtio 1.4, Gratuitous Packet Sending';

/** Rules on a driver's reaction to a changed configuration. */
export const CHANGING = {
  'virtio/NET-ANN-D1': {
    where: GRATUITOUS,
    text: 'A driver SHOULD tell its peers of the new location after the device set ANNOUNCE.',
    advice: "Send a gratuitous ARP, or any frame with the card's address as its source.",
    on: 'announced',
    kept: (k) => k.sent,
    said: (k) => `ANNOUNCE was set, but no frame was sent in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
  'virtio/NET-ANN-D2': {
    where: GRATUITOUS,
    text: 'A driver MUST answer ANNOUNCE with ANNOUNCE_ACK on the control queue.',
    advice: 'When the configuration changed, read status; if bit 1 is set, send the command.',
    on: 'announced',
    kept: (k) => k.acked,
    said: (k) => `ANNOUNCE was set, but not acknowledged in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
  'virtio/NET-CFG-D12': {
    where: 'virtio 1.4, Device configuration layout',
    text: 'A driver SHOULD read speed and duplex again after a configuration interrupt.',
    advice: 'Read both fields when the device says that its configuration has changed.',
    on: 'speed',
    kept: (k) => k.reread,
    said: (k) => `speed or duplex changed, but was not read again in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
  'virtio/NET-CFG-D6': {
    where: 'virtio 1.4, Device configuration layout',
    text: 'A driver that negotiated STATUS SHOULD learn the link state from bit 0 of status after a configuration change.',
    advice:
      'Read status when the device says that its configuration has changed, or do not accept STATUS (16).',
    on: 'link',
    kept: (k) => k.linkRead,
    said: (k) => `the link changed, but status was not read in ${seconds(k)}`,
    since: (k) => k.changedAt,
  },
} as const satisfies Rules<ChangingWatch>;

function seconds({ waited }: ChangingWatch): string {
  return `${(waited / 1e9).toFixed(1)} s`;
}

/** A change that waits for the driver. */
class Pending {
  /** The driver knows of it. */
  known = false;
  private due = 0;
  private warned = false;
  private at = 0;

  /** @param known the driver was notified; else its time begins when it sees the change. */
  constructor(known: boolean, now: number) {
    this.at = now;
    if (known) this.begin(now);
  }

  begin(now: number): void {
    if (this.known) return;
    this.known = true;
    this.due = now + BOUND;
  }

  waited(now: number): number {
    return now - this.at;
  }

  /** Whether the driver has had its time; called when it uses the card. */
  isOver(now: number): boolean {
    if (!this.known || now < this.due) return false;
    const over = this.warned;
    this.warned = true;
    this.due = now + BOUND;
    return over;
  }
}

/** Watches a driver's reactions to ANNOUNCE, to a changed speed, and to a changed link. */
export class ChangingWatch implements Partial<NetEvents> {
  /** When the configuration changed. */
  changedAt = 0;
  /** Virtual nanoseconds since then. */
  waited = 0;
  /** ANNOUNCE_ACK came, and a frame was sent. */
  acked = false;
  sent = false;
  /** status was read. */
  linkRead = false;
  /** Something waits for the driver. */
  private waits = false;
  /** MSI-X is enabled. */
  private msix = false;
  private announcement: Pending | null = null;
  private speed: Pending | null = null;
  private link: Pending | null = null;
  private readonly unread = new Set<number>();
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly time: Time;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, time: Time = journal) {
    this.time = time;
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, CHANGING).on;
  }

  get subject(): string {
    return this.facts.subject();
  }

  /** speed and duplex were read. */
  get reread(): boolean {
    return this.unread.size === 0;
  }

  announces(told: boolean): void {
    this.announcement = new Pending(told, this.time.now);
    this.acked = this.sent = false;
    this.begin();
  }

  msixSwitched(on: boolean): void {
    this.msix = on;
  }

  /** With INTx it is unknown whether a driver listens for more than its queues. */
  linkChanged(told: boolean): void {
    if (!told || !this.msix) return;
    this.link = new Pending(true, this.time.now);
    this.linkRead = false;
    this.begin();
  }

  speedChanged(told: boolean): void {
    this.speed = told ? new Pending(told, this.time.now) : null;
    this.unread.add(speed).add(duplex);
    this.begin();
  }

  configAccessed(_by: Interface, offset: number, width: Width, _field: number, write: boolean): void {
    if (write || !this.waits) return;
    const has = (field: number) => field >= offset && field < offset + width;
    for (const field of [speed, duplex]) if (has(field)) this.unread.delete(field);
    if (has(status)) {
      this.linkRead = true;
      this.announcement?.begin(this.time.now);
    }
    this.used();
  }

  command(_queue: number, _chain: Chain, className: number, number: number): void {
    if (commandOf(className, number) === 'ANNOUNCE_ACK') this.acked = true;
    this.used();
  }

  sends(): void {
    if (!this.waits) return;
    this.sent = true;
    this.used();
  }

  /** The driver uses the card: judges the changes whose time is over. */
  private used(): void {
    const { now } = this.time;
    if (this.announcement?.isOver(now)) {
      this.waited = this.announcement.waited(now);
      this.announcement = null;
      this.on.announced.tell(this);
    }
    if (this.speed?.isOver(now)) {
      this.waited = this.speed.waited(now);
      this.speed = null;
      this.on.speed.tell(this);
    }
    if (this.link?.isOver(now)) {
      this.waited = this.link.waited(now);
      this.link = null;
      this.on.link.tell(this);
    }
    this.waits = this.announcement !== null || this.speed !== null || this.link !== null;
  }

  reset(powered: boolean): void {
    if (powered) this.msix = false;
    this.announcement = this.speed = this.link = null;
    this.unread.clear();
    this.waits = false;
  }

  private begin(): void {
    this.changedAt = this.journal.mark;
    this.waits = true;
  }
}
