import type { Nanos } from '../../core/bits.ts';
import { WELL_KNOWN } from '../../virtio/scsi/registers.ts';

/** READ CAPACITY(10) can report at most this many blocks. */
const MOST_10 = 0xffff_ffff;

/** What an initiator learned of a logical unit. */
export interface KnownUnit {
  readonly key: number;
  /** 0 before it asked. */
  blocks: number;
  /** They are too many for READ CAPACITY(10); and READ CAPACITY(16) was asked, too. */
  isLarge: boolean;
  asked16: boolean;
}

/** How often in a row a unit refused a command, of which it has the beginning, and since when. */
interface Busyness {
  times: number;
  readonly since: Nanos;
  readonly command: string;
}

/** A read or write for which a unit attention came: a block of it, when, and in words. */
interface Attention {
  readonly lba: number;
  readonly at: Nanos;
  readonly said: string;
}

/** Units by target and LUN, as an initiator knows them. */
export class KnownUnits {
  private readonly units = new Map<number, KnownUnit>();
  private readonly listed = new Set<number>();
  /** Those that were read or written. */
  private readonly used = new Set<number>();
  /** Those that are too large for READ CAPACITY(10), until one is read or written after READ CAPACITY(16). */
  private readonly large = new Set<number>();

  private readonly busy = new Map<number, Busyness>();
  private readonly attentions = new Map<number, Attention>();

  /** What is known of a unit that exists. */
  of(target: number, lun: number): KnownUnit {
    const key = keyOf(target, lun);
    let unit = this.units.get(key);
    if (unit === undefined) {
      unit = { key, blocks: 0, isLarge: false, asked16: false };
      this.units.set(key, unit);
    }
    return unit;
  }

  /** It was BUSY, its task set was full, or it refused this command; one that differs begins anew, unless it is busy. */
  wasBusy({ key }: KnownUnit, now: Nanos, command: string): void {
    const busy = this.busy.get(key);
    if (busy?.command === command) busy.times++;
    else this.busy.set(key, { times: 1, since: now, command });
  }

  /** Its busy streak up to now; null if there is none. */
  busyness({ key }: KnownUnit): Busyness | null {
    return this.busy.get(key) ?? null;
  }

  wasFree({ key }: KnownUnit): void {
    this.busy.delete(key);
  }

  attend({ key }: KnownUnit, attention: Attention): void {
    this.attentions.set(key, attention);
  }

  /** A read or write was answered. @returns whether a unit attention had come for it before. */
  heeds({ key }: KnownUnit, lba: number, blocks: number): boolean {
    const before = this.attentions.get(key);
    return (
      before !== undefined && lba <= before.lba && before.lba < lba + blocks && this.attentions.delete(key)
    );
  }

  get unheeded(): Iterable<Attention> {
    return this.attentions.values();
  }

  /** Whether a read or write of it can skip the rules about the unit itself. */
  isPlain(target: number, lun: number): boolean {
    if (this.busy.size > 0 || this.attentions.size > 0) return false;
    if (lun === 0 && this.large.size === 0) return true;
    const key = keyOf(target, lun);
    return (lun === 0 || this.used.has(key)) && !this.large.has(key);
  }

  told10(unit: KnownUnit, blocks: number): void {
    unit.blocks = blocks;
    unit.isLarge = blocks > MOST_10;
    if (unit.isLarge) this.large.add(unit.key);
  }

  told16(unit: KnownUnit, blocks: number): void {
    unit.blocks = blocks;
    unit.asked16 = true;
  }

  list(target: number): void {
    this.listed.add(target);
  }

  isListed(target: number): boolean {
    return this.listed.has(target) || this.listed.has(WELL_KNOWN);
  }

  /** Notes a read or write. @returns whether it is the first. */
  use({ key, asked16 }: KnownUnit): boolean {
    const isFirst = !this.used.has(key);
    this.used.add(key);
    if (asked16) this.large.delete(key);
    return isFirst;
  }

  /** Forgets all but capacities: a driver may use those that it learned before a reset. */
  forget(): void {
    for (const set of [this.listed, this.used, this.large, this.busy, this.attentions]) set.clear();
    for (const unit of this.units.values()) unit.isLarge = unit.asked16 = false;
  }
}

function keyOf(target: number, lun: number): number {
  return target * 2 ** 16 + lun;
}
