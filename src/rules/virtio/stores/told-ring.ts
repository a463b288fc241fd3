import type { Describer, Mark } from '../../../core/access.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Moment } from '../../../core/watch.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';
import { ringPicture } from '../queue/picture/ring-pictures.ts';
import type { Clashes } from './clashes.ts';
import type { Clash, NoRoom, StoreKnows } from './knows.ts';
import type { Lent } from './lent.ts';
import type { Moments } from './moments.ts';
import type { RingManners, StoreParts } from './ring-parts.ts';

/** What the rules know of one ring, and how they are called; and what a finding shows beside the ring. */
export abstract class ToldRing implements StoreKnows {
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
  readsBuffers = false;
  writesBuffers = false;
  isList = false;
  mark: Mark = 0;
  protected readonly parts: StoreParts;
  protected readonly place: RingPlace;
  protected readonly manners: RingManners;
  protected readonly moments: Moments;
  /** Chains that the device took. Not modulo anything. */
  protected takenCount = 0;
  private readonly buffers: Describer;

  constructor(parts: StoreParts, place: RingPlace, manners: RingManners) {
    this.buffers = { name: manners.name, describe: () => `${manners.name} a buffer` };
    this.parts = parts;
    this.place = place;
    this.manners = manners;
    this.moments = place.packed ? parts.packed : parts.split;
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

  abstract get idx(): number;
  abstract get seenIdx(): number;
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

  protected tellOf(lent: Lent, moment: Moment<StoreKnows>, field: string, address: Gpa): void {
    lent.told = true;
    this.about(lent);
    this.wrong = true;
    this.field = field;
    this.address = address;
    moment.tell(this);
    this.wrong = false;
  }

  protected tellClash(lent: Lent, { kind, address, other }: Clashes): void {
    this.clash = kind;
    this.other = other;
    this.tellOf(lent, this.moments.lent, '', address);
    this.clash = 'none';
  }

  private about(lent: Lent): void {
    this.chain = lent.id;
    this.mark = lent.mark;
    this.readsBuffers = lent.readable > 0;
    this.writesBuffers = lent.readable < lent.count;
  }
}
