import type { Time, Width } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import { virtio_net_config } from '../../../virtio/net/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { CHANGING, type ChangingKnows } from './changing.ts';

const { status, speed, duplex } = virtio_net_config.offset;
/** So long a driver that was told has, in virtual time; and as long again from when it next uses the card. */
const BOUND = 1_000_000_000;

/** A change that waits for the driver. */
class Pending {
  /** The driver knows of it. */
  known = false;
  private due = 0;
  private warned = false;
  private at = 0;

  /** @param known it is told; else it begins when the driver sees it. */
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

  /** Whether the driver, which uses the card just now, has had its time. */
  isOver(now: number): boolean {
    if (!this.known || now < this.due) return false;
    const over = this.warned;
    this.warned = true;
    this.due = now + BOUND;
    return over;
  }
}

/** Watches what a driver does about a place to be announced, about another speed, and about a link that goes or comes. */
export class ChangingWatch implements ChangingKnows {
  changedAt = 0;
  waited = 0;
  acked = false;
  sent = false;
  linkRead = false;
  /** Something waits for the driver. */
  waits = false;
  private announcement: Pending | null = null;
  private speed: Pending | null = null;
  private link: Pending | null = null;
  private readonly unread = new Set<number>();
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly time: Time;
  private readonly onAnnounced: Moment<ChangingKnows>;
  private readonly onSpeed: Moment<ChangingKnows>;
  private readonly onLink: Moment<ChangingKnows>;

  constructor(facts: VirtioFacts, journal: Journal, time: Time = journal) {
    this.time = time;
    this.facts = facts;
    this.journal = journal;
    const watch = new Watch(journal, CHANGING);
    this.onAnnounced = watch.at('announced');
    this.onSpeed = watch.at('speed');
    this.onLink = watch.at('link');
  }

  get subject(): string {
    return this.facts.subject();
  }

  get reread(): boolean {
    return this.unread.size === 0;
  }

  announces(told: boolean): void {
    this.announcement = new Pending(told, this.time.now);
    this.acked = this.sent = false;
    this.begin();
  }

  /** A message told of it. */
  linkChanged(): void {
    this.link = new Pending(true, this.time.now);
    this.linkRead = false;
    this.begin();
  }

  speedChanged(told: boolean): void {
    this.speed = told ? new Pending(told, this.time.now) : null;
    this.unread.add(speed).add(duplex);
    this.begin();
  }

  /** The configuration is read. */
  read(offset: number, width: Width): void {
    if (!this.waits) return;
    const has = (field: number) => field >= offset && field < offset + width;
    for (const field of [speed, duplex]) if (has(field)) this.unread.delete(field);
    if (has(status)) {
      this.linkRead = true;
      this.announcement?.begin(this.time.now);
    }
    this.used();
  }

  acknowledged(): void {
    this.acked = true;
  }

  /** A frame is sent. */
  sends(): void {
    this.sent = true;
    this.used();
  }

  /** The driver goes on. */
  used(): void {
    const { now } = this.time;
    if (this.announcement?.isOver(now)) {
      this.waited = this.announcement.waited(now);
      this.announcement = null;
      this.onAnnounced.tell(this);
    }
    if (this.speed?.isOver(now)) {
      this.waited = this.speed.waited(now);
      this.speed = null;
      this.onSpeed.tell(this);
    }
    if (this.link?.isOver(now)) {
      this.waited = this.link.waited(now);
      this.link = null;
      this.onLink.tell(this);
    }
    this.waits = this.announcement !== null || this.speed !== null || this.link !== null;
  }

  forget(): void {
    this.announcement = this.speed = this.link = null;
    this.unread.clear();
    this.waits = false;
  }

  private begin(): void {
    this.changedAt = this.journal.mark;
    this.waits = true;
  }
}
