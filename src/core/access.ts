import type { Gpa, Nanos, Width } from './bits.ts';

/** What answers a range of ports or of memory. Offsets count from the start of the range. */
export interface Region {
  readonly name: string;
  readonly size: number;
  /** Widths it takes whole, as a sum of 1, 2 and 4, when the access is naturally aligned; the space splits the rest. Default 7: all. */
  readonly widths?: number;
  read(offset: number, width: Width): number;
  write(offset: number, value: number, width: Width): void;
  /** State that decides what an offset means (CONFADD, LCR, MSI-X Enable), kept beside each access in a trail. */
  context?(): number;
  /** The access in words from the declarations: `LCR ← 83  WLS=3 DLAB`. `value` is null before a read is answered. */
  describe?(access: {
    offset: number;
    width: number;
    value: number | null;
    write: boolean;
    context: number;
  }): string;
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
  /** Who answers the first byte, and at which offset; null if nobody does. */
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
  readonly space: 'port' | 'memory';
  readonly write: boolean;
  readonly address: Gpa;
  readonly width: number;
  /** Null while a read is under way. */
  readonly value: number | null;
  /** Register and fields by name, or the region's name, or `nobody answers`. */
  readonly text: string;
}

const KEPT = 8;

/** The last accesses in order, kept without allocating, so that a finding can show what led to it. */
export class AccessTrail implements Tap {
  private readonly records: (Access & { at: Nanos; done: boolean })[] = [];
  private count = 0;
  private readonly now: () => Nanos;

  constructor(now: () => Nanos) {
    this.now = now;
    for (let i = 0; i < KEPT; i++)
      this.records.push({
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
      });
  }

  begin(access: Access): void {
    const record = this.records[this.count++ % KEPT]!;
    record.space = access.space;
    record.write = access.write;
    record.address = access.address;
    record.width = access.width;
    record.value = access.value;
    record.region = access.region;
    record.offset = access.offset;
    record.context = access.context;
    record.at = this.now();
    record.done = access.write;
  }

  end(access: Access): void {
    const record = this.records[(this.count - 1) % KEPT]!;
    record.value = access.value;
    record.done = true;
  }

  /** The newest `most` accesses, newest first. */
  newest(most: number): AccessRecord[] {
    const out: AccessRecord[] = [];
    for (let i = 1; i <= Math.min(most, this.count, KEPT); i++) {
      const { at, space, write, address, width, value, done, ...rest } =
        this.records[(this.count - i) % KEPT]!;
      const shown = done ? value : null;
      out.push({
        at,
        space,
        write,
        address,
        width,
        value: shown,
        text: describe({ ...rest, width, write, value: shown }),
      });
    }
    return out;
  }
}

/** An access in words. */
export function describe(access: {
  region: Region | null;
  offset: number;
  width: number;
  value: number | null;
  write: boolean;
  context: number;
}): string {
  const { region } = access;
  if (region === null) return 'nobody answers';
  return region.describe?.(access) ?? `${region.name}+${access.offset.toString(16)}`;
}
