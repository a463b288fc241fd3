import type { Describer, Mark } from '../../../core/access.ts';
import type { Gpa, Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Moment } from '../../../core/watch.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { ringPicture } from '../queue/picture/ring-pictures.ts';
import type { Clashes } from './clashes.ts';
import { wantsPacked } from './interrupt-hints.ts';
import type { Clash, NoRoom, StoreKnows } from './knows.ts';
import type { Lent } from './lent.ts';
import type { Moments } from './moments.ts';
import type { RingManners, StoreParts } from './ring-parts.ts';
import { LONG, Turns } from './turns.ts';

/** What the rules know of one ring, and how they are called; and what a finding shows beside the ring. */
export abstract class JudgedRing implements StoreKnows {
  wrong = false;
  field = '';
  address: Gpa = 0;
  chain = 0;
  slot = -1;
  noRoom: NoRoom = 'no';
  clash: Clash = 'none';
  other = '';
  isFreed = false;
  written = 0;
  unread = 0;
  readsBuffers = false;
  writesBuffers = false;
  isList = false;
  mark: Mark = 0;
  protected readonly parts: StoreParts;
  protected readonly place: RingPlace;
  protected readonly manners: RingManners;
  protected readonly moments: Moments;
  protected readonly wakeUps: WakeUps;
  protected readonly turns: Turns;
  /** How often the driver has looked into the used ring, and the last interrupt handler in which it did. */
  looks = 0;
  lookedIn = 0;
  /** Chains that the device took. Not modulo anything. */
  protected takenCount = 0;
  /** Every chain that was made available, by its head or id. */
  protected readonly chains: (Lent | undefined)[] = [];
  /** Chains that came back. Not modulo anything. */
  protected returned = 0;
  private readonly buffers: Describer;

  constructor(parts: StoreParts, place: RingPlace, manners: RingManners) {
    this.buffers = { name: manners.name, describe: () => `${manners.name} a buffer` };
    this.parts = parts;
    this.place = place;
    this.manners = manners;
    this.moments = place.packed ? parts.packed : parts.split;
    this.wakeUps = new WakeUps(parts.journal, (lost, since) => this.tellWakeUp(lost, since));
    this.turns = new Turns(parts.journal, (left, since) => this.tellTurn(left, since));
  }

  get subject(): string {
    return this.manners.subject();
  }

  /** A picture around the chain in question. */
  get picture(): RingPicture {
    const { place, takenCount: taken, chain, field } = this;
    const slot = this.slot < 0 ? null : this.slot;
    return ringPicture(this.parts.ram.memory, { place, taken, chain, slot, about: field || null });
  }

  /** The run is over, or the ring was taken back. */
  ended(): void {
    this.wakeUps.ended();
    this.turns.ended(this.left);
  }

  /** The driver looks into the used ring. */
  protected looked(): void {
    const { handler } = this.parts.journal;
    this.looks++;
    if (handler !== 0) this.lookedIn = handler;
    this.wakeUps.looked();
    this.turns.looked(this.left);
  }

  /** Those that the driver left long ago. */
  get leftLong(): number {
    return this.turns.isLong && !this.manners.inOrder ? this.left : 0;
  }

  /** Used buffers that the driver has found when it looked last, and not taken. */
  protected abstract get left(): number;

  abstract get idx(): number;
  abstract get seenIdx(): number;
  /** The device has used something that the driver has not seen. */
  abstract get hasUnseen(): boolean;
  /** The driver asks for an interrupt at what is used next. */
  get asks(): boolean {
    return wantsPacked(this.parts.ram, this.place);
  }

  abstract ring(): readonly string[];
  /** Where its parts lie in RAM. */
  protected abstract areaOf(part: number): Describer & { readonly from: Gpa };

  /** Puts a load into the trail, for a finding to show: loads are otherwise not kept. */
  protected showLoad(part: number, offset: number): void {
    const area = this.areaOf(part);
    const at = area.from + offset - (offset % 4);
    this.parts.journal.trail.ring(area, offset - (offset % 4), at, 4, this.parts.ram.u32(at), false);
  }

  /** An access to a buffer, which a finding is to show. */
  protected showBuffer(address: Gpa, write: boolean): void {
    this.parts.journal.trail.ring(this.buffers, 0, address, 1, null, write);
  }

  /** @param isAll nothing else is told of the chain. */
  protected tellOf(lent: Lent, moment: Moment<StoreKnows>, field: string, address: Gpa, isAll = true): void {
    if (this.tellMistaken(lent)) return;
    lent.told = isAll;
    this.about(lent);
    this.address = address;
    this.tellWrong(moment, field);
  }

  tellMistaken(lent: Lent): boolean {
    const taken = this.takenFor(lent);
    if (taken === undefined) return false;
    lent.told = true;
    this.about(lent);
    this.other = `chain ${taken.id}`;
    this.tellWrong(this.moments.mistaken, '');
    return true;
  }

  /** What came back in the turn of a chain that the device has, and was not made available again. */
  private takenFor({ active, told, position }: Lent): Lent | undefined {
    if (!active || told || position >= this.returned) return undefined;
    return this.chains.find((lent) => lent?.cameAs === position && !lent.active);
  }

  protected tellClash(lent: Lent, { kind, address, other, owner }: Clashes): void {
    lent.told = true;
    if (owner?.owner.tellMistaken(owner)) return;
    this.clash = kind;
    this.other = other;
    this.tellOf(lent, this.moments.lent, '', address);
    this.clash = 'none';
  }

  protected tellShared(lent: Lent): void {
    const met = this.chains[lent.meets];
    lent.told = true;
    if (met !== undefined && this.tellMistaken(met)) return;
    this.slot = lent.meetsAt;
    this.other = lent.meets === lent.id ? '' : `chain ${lent.meets}`;
    this.tellOf(lent, this.moments.shared, `desc[${lent.meetsAt}]`, 0);
    this.slot = -1;
  }

  /** The driver did what it should not with `field`. */
  protected tellWrong(moment: Moment<StoreKnows>, field: string): void {
    this.wrong = true;
    this.field = field;
    moment.tell(this);
    this.wrong = false;
  }

  /** Of interrupts that the driver asked for, and does not take, nothing is said. */
  private tellWakeUp(lost: boolean, since: Mark): void {
    if (!lost) this.moments.wellWoken();
    if (!lost || !this.manners.isServed()) return;
    this.mark = since;
    this.tellWrong(this.moments.woken, '');
  }

  /** With IN_ORDER a driver need not read each entry. */
  private tellTurn(left: number, since: Mark): void {
    if (this.manners.inOrder) return;
    if (left === 0) this.moments.wellServed();
    else this.tellLeft(left, since);
  }

  private tellLeft(left: number, since: Mark): void {
    this.mark = since;
    this.unread = left;
    this.tellWrong(this.moments.served, '');
  }

  private about(lent: Lent): void {
    this.chain = lent.id;
    this.mark = lent.mark;
    this.readsBuffers = lent.readable > 0;
    this.writesBuffers = lent.readable < lent.count;
  }
}

const NEVER = -1;

/**
 * Whether a driver looks into the used ring again once it has asked for interrupts. What the device used while it was
 * not to interrupt causes none afterwards: a driver that does not look waits for ever.
 *
 * @example
 * wakeUps.wanted(true);      // the driver asks for interrupts, and something is used that it has not seen
 * wakeUps.looked();          // it reads the index of the used ring
 */
class WakeUps {
  private readonly journal: Journal;
  private readonly told: (lost: boolean, since: Mark) => void;
  /** It asked, and has not looked since. */
  private isOpen = false;
  private lostAt: Nanos = NEVER;
  private lostBy: Mark = 0;

  /** @param told gets how each request for interrupts ended. */
  constructor(journal: Journal, told: (lost: boolean, since: Mark) => void) {
    this.journal = journal;
    this.told = told;
  }

  /** @param unseen the device has used what the driver did not see yet. */
  wanted(unseen: boolean): void {
    this.isOpen = true;
    if (!unseen || this.lostAt !== NEVER) return;
    this.lostAt = this.journal.now;
    this.lostBy = this.journal.mark;
  }

  looked(): void {
    if (!this.isOpen) return;
    this.told(this.isLost, this.lostBy);
    this.isOpen = false;
    this.lostAt = NEVER;
  }

  /** The ring, or the run, has come to its end. */
  ended(): void {
    if (this.isLost) this.looked();
    this.isOpen = false;
    this.lostAt = NEVER;
  }

  private get isLost(): boolean {
    return this.lostAt !== NEVER && this.journal.now - this.lostAt >= LONG;
  }
}
