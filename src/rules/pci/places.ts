import { hex, type Width } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

const ALL_ONES = 0xffff_ffff;
const placeText = ({ bar, address }: PlaceWatch) => `base address ${bar} answers at ${hex(address, 4)}`;

/** Rules of where base addresses decode, and whether they do. */
export const PLACES = {
  'pci/BAR-OVERLAP': {
    where: 'PCI 3.0, 6.2.5',
    text: 'A driver MUST NOT place a BAR where something else answers.',
    advice:
      'Give each BAR a range of its own, aligned to its size, with I/O and memory space off in Command meanwhile.',
    on: 'placed',
    follows: ['pci/BAR-RESTORE'],
    apart: (k) => !k.sizing,
    when: (k) => k.over !== 'RAM',
    kept: (k) => k.over === null,
    said: (k) => `${placeText(k)}, where ${k.over} does`,
  },
  'pci/BAR-MOVE': {
    // Linux moves base addresses of 32 bits while they are decoded.
    where: 'PCI 3.0, 6.2.5.1',
    text: 'Do not move a BAR while it is decoded.',
    advice: 'Clear bit 0 (I/O) or 1 (memory) of Command, write the address, then set the bit again.',
    on: 'moved',
    kept: (k) => !k.decoded,
    said: (k) => `base address ${k.bar} was given another address while Command had it decoded`,
  },
  'pci/BAR-RAM': {
    where: 'PCI 3.0, 6.2.5',
    text: 'A driver MUST NOT place a BAR where RAM is.',
    advice: "Take memory addresses from the root bridge's window, above the end of RAM below 4 GiB.",
    on: 'placed',
    kept: (k) => k.over !== 'RAM',
    said: (k) => `${placeText(k)}, where RAM is: it cannot be reached`,
  },
  'pci/DECODE': {
    where: 'PCI 3.0, 6.2.2',
    text: 'A driver MUST enable I/O or memory space, of bridges on the way too, before accessing what a BAR maps there.',
    advice:
      'Set bit 0 (I/O) or 1 (memory) of Command when the driver takes the function; of a bridge, have Memory Base and Limit hold the BAR.',
    on: ['placed', 'missed'],
    kept: (k) => !k.off,
    said: (k) =>
      `${hex(k.address, 4)} was accessed, which base address ${k.bar} maps but does not answer: ${k.decoded ? 'a bridge does not pass it on' : 'Command disables it'}`,
  },
  'pci/BAR-BEYOND': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver MUST NOT access memory behind the end of a BAR.',
    advice:
      'Hold offsets to the size of the BAR, and entries of an MSI-X table to Table Size in Message Control.',
    on: ['placed', 'ended'],
    kept: (k) => !k.isBehind,
    said: (k) => `${hex(k.address, 4)} was accessed, and base address ${k.bar} ends before`,
  },
  'pci/BRIDGE-BARS': {
    where: 'PCI-to-PCI Bridge 1.2, 3.2.5',
    text: 'A driver MUST NOT take the bus numbers and windows of a bridge for base addresses 2 to 5.',
    advice: 'Where the layout of Header Type is 1, size base addresses 0 and 1 alone.',
    on: ['placed', 'numbered'],
    kept: (k) => !k.isSized,
    said: () =>
      'all ones were written to 18, where a bridge has its bus numbers, as if to size base address 2',
  },
} as const satisfies Rules<PlaceWatch>;

/** Watches where the base addresses of one function decode. */
export class PlaceWatch {
  bar = 0;
  address = 0;
  /** What else is decoded there; null is nothing. */
  over: string | null = null;
  /** All ones were written to it for sizing, and no address since. */
  sizing = false;
  /** It does not answer. */
  off = false;
  /** All ones were written to the bus numbers of a bridge. */
  isSized = false;
  /** It ends before the address. */
  isBehind = false;
  /** Command has its decoding on. */
  decoded = false;
  private readonly subjectOf: () => string;
  /** `placed`: a base address is decoded from now on. `missed`: one that is not decoded was accessed. `ended`: what follows one was. `moved`: one is given another address. `numbered`: a bridge is given bus numbers. */
  private readonly on;

  constructor(subjectOf: () => string, journal: Journal) {
    this.subjectOf = subjectOf;
    this.on = new Watch(journal, PLACES).on;
  }

  get subject(): string {
    return this.subjectOf();
  }

  placed(index: number, address: number, over: string | null, sizing: boolean): void {
    this.bar = index;
    this.sizing = sizing;
    this.address = address;
    this.over = over;
    this.off = false;
    this.on.placed.tell(this);
  }

  moved(index: number, decoded: boolean): void {
    this.bar = index;
    this.decoded = decoded;
    this.on.moved.tell(this);
  }

  missed(index: number, address: number, decoded: boolean): void {
    this.bar = index;
    this.decoded = decoded;
    this.address = address;
    this.over = null;
    this.off = true;
    this.on.missed.tell(this);
  }

  busNumbersWritten(value: number, width: Width): void {
    this.isSized = width === 4 && value === ALL_ONES;
    this.on.numbered.tell(this);
    this.isSized = false;
  }

  ended(index: number, address: number): void {
    this.bar = index;
    this.address = address;
    this.isBehind = true;
    this.on.ended.tell(this);
    this.isBehind = false;
  }
}
