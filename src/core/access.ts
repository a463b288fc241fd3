import type { Gpa, Nanos, Time, Width } from './bits.ts';

/** An access of the guest, with the width the guest used, as given to a region's `describe`. */
export interface Described {
  readonly offset: number;
  readonly width: number;
  /** Null before a read is answered. */
  readonly value: number | null;
  readonly write: boolean;
  /** What the region's `context()` said before. */
  readonly context: number;
}

/** Describes an access in words. */
export interface Describer {
  readonly name: string;
  /** The access in words from the declarations: `LCR ← 83  WLS=3 DLAB`. */
  describe?(access: Described): string;
}

/** A device's range of ports or of memory. Offsets count from the start of the range. */
export interface Region extends Describer {
  readonly size: number;
  /** Widths it takes whole, as a sum of 1, 2 and 4, when the access is naturally aligned; the space splits the rest. Default 7: all. */
  readonly widths?: number;
  read(offset: number, width: Width): number;
  write(offset: number, value: number, width: Width): void;
  /** State that decides what an offset means (CONFADD, LCR, MSI-X Enable), kept beside each access in a trail. */
  context?(): number;
}

/** One access of the guest, with the width the guest used. The object is reused: copy what you keep. */
export interface Access {
  space: 'port' | 'memory';
  write: boolean;
  address: Gpa;
  /** Bytes; 8 is possible in memory. */
  width: number;
  /** The value written or read; meaningless in `begin` of a read. */
  value: number;
  /** The region that answers the first byte; null if none does. `offset` is the place within it. */
  region: Region | null;
  offset: number;
  /** What the region's `context()` said before the access. */
  context: number;
}

/** Sees every access of one space: before it takes effect, and after. */
export interface Tap {
  begin(access: Access): void;
  end(access: Access): void;
}

/** An access as kept for evidence. */
export interface AccessRecord {
  readonly at: Nanos;
  /** `ram`: what a driver stored to a ring, or loaded from it. */
  readonly space: 'port' | 'memory' | 'ram';
  readonly write: boolean;
  readonly address: Gpa;
  readonly width: number;
  /** Null while a read is under way, and where it is more than an integer. */
  readonly value: number | null;
  /** Register and fields by name, or the region's name, or `no device answers`. */
  readonly text: string;
}

/** An access of the past, by its number; the first is 1. */
export type Mark = number;

/** Accesses that are kept, a power of two; an older mark leads to nothing. */
const KEPT = 1024;
/** Accesses that a finding shows, and how many of the newest when there are more between cause and breach. */
const SHOWN = 4;

interface TrailRecord extends Omit<Access, 'space' | 'region'> {
  space: AccessRecord['space'];
  region: Describer | null;
  at: Nanos;
  done: boolean;
}

/**
 * The last accesses in order, so that a finding can show what led to it. Records are made once and used again, and put
 * into words only when asked for.
 */
export class AccessTrail implements Tap {
  private readonly records: TrailRecord[] = [];
  private count = 0;
  private current: TrailRecord;
  /** Accesses up to this mark were made by the firmware. */
  private from: Mark = 0;
  /** An access has begun, and has not ended. */
  underWay = false;
  private readonly clock: Time;

  constructor(clock: Time) {
    this.clock = clock;
    this.current = emptyRecord();
  }

  /** The access under way, or the last one. */
  get mark(): Mark {
    return this.count;
  }

  /** From here on the guest makes the accesses. Earlier ones of the firmware are shown only where they began a breach. */
  handOver(): void {
    this.from = this.count;
  }

  /** Bytes of the access under way, as the guest made it; `width` is of the part that reached the device, or of what firmware wrote. */
  widthOf(width: number): number {
    return this.underWay ? this.current.width : width;
  }

  begin(access: Access): void {
    const record = this.next();
    this.current = record;
    this.underWay = true;
    record.space = access.space;
    record.write = access.write;
    record.address = access.address;
    record.width = access.width;
    record.value = access.value;
    record.region = access.region;
    record.offset = access.offset;
    record.context = access.context;
    record.at = this.clock.now;
    record.done = access.write;
  }

  end(access: Access): void {
    const record = this.current;
    record.value = access.value;
    record.done = true;
    this.underWay = false;
  }

  /** A store to a ring, or a load from it that matters: `offset` bytes into `area`. Null stands for many bytes. */
  ring(
    area: Describer,
    offset: number,
    address: Gpa,
    width: number,
    value: number | null,
    write = true,
  ): void {
    const record = this.next();
    record.space = 'ram';
    record.write = write;
    record.address = address;
    record.width = width;
    record.value = value ?? 0;
    record.region = area;
    record.offset = offset;
    record.context = 0;
    record.at = this.clock.now;
    record.done = value !== null;
  }

  /**
   * What a finding shows: the newest accesses, and before them the one that `since` marks.
   *
   * @returns oldest first, and how many are left out after the first.
   */
  evidence(since: Mark | null): { accesses: AccessRecord[]; skipped: number } {
    const accesses = this.newest(Math.min(SHOWN, this.count - this.from));
    const age = since === null ? 0 : this.count - since;
    if (age < accesses.length || age >= Math.min(this.count, KEPT)) return { accesses, skipped: 0 };
    return { accesses: [this.shown(age), ...accesses], skipped: age - accesses.length };
  }

  /** The newest `most` accesses, oldest first. */
  newest(most: number): AccessRecord[] {
    const length = Math.min(most, this.count, KEPT);
    return Array.from({ length }, (_, i) => this.shown(length - 1 - i));
  }

  private next(): TrailRecord {
    const at = this.count & (KEPT - 1);
    // The guest may be ended in `push`: then it did not make this access.
    if (at === this.records.length) this.records.push(emptyRecord());
    this.count++;
    return this.records[at]!;
  }

  /** The access that has `age` newer ones after it. */
  private shown(age: number): AccessRecord {
    const record = this.records[(this.count - 1 - age) % KEPT]!;
    const { at, space, write, address, width, done } = record;
    const value = done ? record.value : null;
    return { at, space, write, address, width, value, text: describe({ ...record, value }) };
  }
}

function emptyRecord(): TrailRecord {
  return {
    space: 'port',
    write: false,
    address: 0,
    width: 1,
    value: 0,
    region: null,
    offset: 0,
    context: 0,
    at: 0,
    done: true,
  };
}

/** An access in words. */
export function describe(access: Described & { readonly region: Describer | null }): string {
  const { region } = access;
  if (region === null) return 'no device answers';
  return region.describe?.(access) ?? `${region.name}+${access.offset.toString(16)}`;
}

/** One tap that notifies `first`, if there is one, and then `second`. */
export function bothTaps(first: Tap | null, second: Tap): Tap {
  if (first === null) return second;
  return {
    begin(access: Access) {
      first.begin(access);
      second.begin(access);
    },
    end(access: Access) {
      first.end(access);
      second.end(access);
    },
  };
}
