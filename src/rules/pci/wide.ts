import type { Mark } from '../../core/access.ts';
import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import { BAR_COUNT } from '../../pci/registers.ts';

const ALL_ONES = 0xffff_ffff;

/** Rules for base addresses of 64 bits, which take two registers. */
export const WIDE = {
  'pci/BAR64-UPPER': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver MUST read the upper half of a 64-bit BAR with the lower.',
    advice: 'Where bits 2:1 of a memory BAR are 10, the next register has bits 63:32 of the address.',
    on: 'ended',
    kept: (k) => k.hasUpper,
    said: (k) => `the lower half of base address ${k.bar} was read, and never the upper half`,
  },
  'pci/BAR64-SIZE': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver SHOULD write all ones to both halves of a 64-bit BAR to find its size.',
    advice: 'Write ffffffff to both registers, read both, and restore both.',
    on: 'sized',
    kept: (k) => k.isWhole,
    said: (k) => `base address ${k.bar} was sized by its lower half alone`,
  },
  'pci/BAR64-WHOLE': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver MUST use all 64 bits of a 64-bit BAR.',
    advice:
      'Keep addresses of devices in 64 bits, and map them as such: firmware may place them above 4 GiB.',
    on: ['placed', 'cut'],
    kept: (k) => k.address < 0,
    said: (k) =>
      `${hex(k.address, 8)} was accessed, where nothing answers: base address ${k.bar} is ${hex(k.base, 10)}`,
  },
} as const satisfies Rules<WideWatch>;

/** Watches the use of one function's base addresses of 64 bits. */
export class WideWatch {
  bar = 0;
  hasUpper = false;
  /** All ones were written to both halves. */
  isWhole = false;
  /** Where the base address is, and what was accessed instead; -1 is nothing. */
  base = 0;
  address = -1;
  private readonly read: Record<'lower' | 'upper', boolean[]> = { lower: none(), upper: none() };
  /** When all ones were written to each upper half that still holds them; -1 is none. */
  private readonly leftAt: Mark[] = new Array<Mark>(BAR_COUNT).fill(-1);
  private readonly ones: Record<'lower' | 'upper', boolean[]> = { lower: none(), upper: none() };
  private readonly subjectOf: () => string;
  private readonly journal: Journal;
  /**
   * `ended`: the run is over, and the lower half was read. `sized`: Command decodes again. `placed`: it answers above 4 GiB.
   * `cut`: what was accessed has its lower half.
   */
  private readonly on;

  constructor(subjectOf: () => string, journal: Journal) {
    this.subjectOf = subjectOf;
    this.journal = journal;
    this.on = new Watch(journal, WIDE).on;
    journal.atEnd(() => {
      for (let bar = 0; bar < BAR_COUNT; bar++) if (this.read.lower[bar]) this.ended(bar);
    });
  }

  get subject(): string {
    return this.subjectOf();
  }

  halfRead(bar: number, isUpper: boolean): void {
    // A firmware's reads are not the driver's.
    if (!this.journal.quiet) this.read[isUpper ? 'upper' : 'lower'][bar] = true;
  }

  /** A half holds this now. */
  halfWritten(bar: number, isUpper: boolean, held: number, size: number): void {
    const writable = isUpper ? -1 : -size;
    if (isUpper) this.leftAt[bar] = held === ALL_ONES ? this.journal.mark : -1;
    if ((held & writable) === writable) this.ones[isUpper ? 'upper' : 'lower'][bar] = true;
  }

  /** When an upper half got all ones, if it still has them; -1 is none. */
  leftSince(bar: number): Mark {
    return this.leftAt[bar]!;
  }

  /** Memory is decoded. */
  decoded(): void {
    for (let bar = 0; bar < BAR_COUNT; bar++) {
      if (!this.ones.lower[bar]) continue;
      this.bar = bar;
      this.isWhole = this.ones.upper[bar]!;
      this.ones.lower[bar] = this.ones.upper[bar] = false;
      this.on.sized.tell(this);
    }
  }

  placed(bar: number, base: number): void {
    this.bar = bar;
    this.base = base;
    this.address = -1;
    this.on.placed.tell(this);
  }

  cut(bar: number, base: number, address: number): void {
    this.bar = bar;
    this.base = base;
    this.address = address;
    this.on.cut.tell(this);
  }

  private ended(bar: number): void {
    this.bar = bar;
    this.hasUpper = this.read.upper[bar]!;
    this.on.ended.tell(this);
  }
}

function none(): boolean[] {
  return new Array<boolean>(BAR_COUNT).fill(false);
}
