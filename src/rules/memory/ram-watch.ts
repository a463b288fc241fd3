import type { Describer } from '../../core/access.ts';
import { type Gpa, hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { GuestMemory } from '../../core/memory.ts';
import { type Moment, Watch } from '../../core/watch.ts';
import { RAM, type RamKnows } from './ram.ts';

/** As a finding names what is there. */
const OUTSIDE: Describer = { name: 'outside RAM', describe: () => 'outside RAM' };

/**
 * Watches whether what a driver takes for RAM is RAM. What is right is counted only, and told when somebody reads the
 * journal.
 *
 * @example
 * const ram = new RamWatch(memory, journal);
 * ram.touched();                       // an access to RAM
 * ram.missed(0xfebf_0000, 4, true);    // a store to where none is
 */
export class RamWatch implements RamKnows {
  readonly subject = 'RAM';
  address: Gpa = 0;
  length = 0;
  write = false;
  inside = 0;
  private readonly memory: GuestMemory;
  private readonly journal: Journal;
  private readonly onTouched: Moment<RamKnows>;
  private times = 0;
  private last: Nanos = 0;

  constructor(memory: GuestMemory, journal: Journal) {
    this.memory = memory;
    this.journal = journal;
    this.onTouched = new Watch<RamKnows, 'touched'>(journal, RAM).at('touched');
    journal.beforeReading(() => this.settle());
  }

  touched(): void {
    this.times++;
    this.last = this.journal.now;
  }

  missed(address: Gpa, length: number, write: boolean): void {
    const range = this.memory.ranges.find(({ base, size }) => address >= base && address < base + size);
    this.address = address;
    this.length = length;
    this.write = write;
    this.inside = range === undefined ? 0 : range.base + range.size - address;
    this.journal.trail.ring(OUTSIDE, 0, address, Math.min(length, 4), null, write);
    this.onTouched.tell(this);
  }

  get ranges(): string[] {
    return this.memory.ranges.map(({ base, size }) => `RAM: ${hex(base, 8)} to ${hex(base + size - 1, 8)}`);
  }

  private settle(): void {
    if (this.times > 0) this.onTouched.repeat(this, this.times, this.last);
    this.times = 0;
  }
}
