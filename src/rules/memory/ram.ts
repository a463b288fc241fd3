import type { Describer } from '../../core/access.ts';
import { bytesText, type Gpa, hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { GuestMemory } from '../../core/memory.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Rules of accesses to memory that a driver takes for RAM. */
export const RAM = {
  'ram/OUTSIDE': {
    where: 'ACPI 6.5, System Address Map Interfaces',
    text: 'A driver MUST NOT load or store outside what the address map lists as RAM.',
    advice:
      'Take memory from `allocate`, and compute its addresses with all their bits. Use `read` and `write` of the port for registers in memory.',
    on: 'touched',
    kept: (k) => k.inside === k.length,
    said: (k) =>
      `${bytesText(k.length)} ${k.length === 1 ? 'was' : 'were'} ${k.write ? 'stored to' : 'loaded from'} ${whereTo(k)}`,
    facts: (k) => k.ranges,
  },
} as const satisfies Rules<RamWatch>;

function whereTo({ address, length, inside }: RamWatch): string {
  if (inside === 0) return `${hex(address, 8)}, where no RAM is`;
  return `${hex(address, 8)}, and RAM ends ${bytesText(length - inside)} before their end`;
}

/** The name that findings have for an address outside RAM. */
const OUTSIDE: Describer = { name: 'outside RAM', describe: () => 'outside RAM' };

/**
 * Watches whether what a driver takes for RAM is RAM. Right accesses are only counted, and reported when the journal
 * is read.
 *
 * @example
 * const ram = new RamWatch(memory, journal);
 * ram.touched();                       // an access to RAM
 * ram.missed(0xfebf_0000, 4, true);    // a store to where none is
 */
export class RamWatch {
  readonly subject = 'RAM';
  address: Gpa = 0;
  length = 0;
  /** The access was a store. */
  write = false;
  /** How many of the bytes, from the first on, are RAM. */
  inside = 0;
  private readonly memory: GuestMemory;
  private readonly journal: Journal;
  private readonly on;
  private times = 0;
  private last: Nanos = 0;

  constructor(memory: GuestMemory, journal: Journal) {
    this.memory = memory;
    this.journal = journal;
    this.on = new Watch(journal, RAM).on;
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
    this.on.touched.tell(this);
  }

  /** Where RAM is, in words. */
  get ranges(): string[] {
    return this.memory.ranges.map(({ base, size }) => `RAM: ${hex(base, 8)} to ${hex(base + size - 1, 8)}`);
  }

  private settle(): void {
    if (this.times > 0) this.on.touched.repeat(this, this.times, this.last);
    this.times = 0;
  }
}
