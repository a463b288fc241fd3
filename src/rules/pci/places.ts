import { bytesText, hex, type Width } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { FOUR_GIB } from '../../core/memory.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { BaseWrite } from '../../pci/events.ts';
import { BAR_COUNT, COMMAND } from '../../pci/registers.ts';

const ALL_ONES = 0xffff_ffff;
const PORTS = 0x1_0000;
const FIRMWARE = "the firmware's ROM, which E820 reserves,";
/** Bits of a base address that are no address. */
const [IO_FLAGS, MEMORY_FLAGS] = [3, 15];
const { IO_SPACE, MEMORY_SPACE } = COMMAND.mask;
const placeText = ({ bar, address }: PlaceWatch) => `base address ${bar} answers at ${hex(address, 4)}`;

/** Rules of where base addresses decode, and whether they do. */
export const PLACES = {
  'pci/BAR-OVERLAP': {
    where: 'PCI 3.0, 6.2.5',
    text: 'A driver MUST NOT place a BAR where something else answers, or behind the last port.',
    advice:
      'Give each BAR a range of its own, aligned to its size, with I/O and memory space off in Command meanwhile.',
    on: ['placed', 'given'],
    follows: ['pci/BAR-RESTORE'],
    apart: (k) => !k.sizing,
    when: (k) => k.over !== 'RAM',
    kept: (k) => k.over === null && !k.isBeyondPorts,
    said: (k) =>
      k.isBeyondPorts
        ? `base address ${k.bar} is ${hex(k.address, 8)}, and the last port of a PC is ffff`
        : `${placeText(k)}, where ${k.over} does`,
  },
  'pci/BAR-ALIGN': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver MUST give a BAR an address that is a multiple of its size.',
    advice:
      'Round the address up to the next multiple of the size, or take the address that you read back: lower bits cannot be set.',
    on: 'given',
    kept: (k) => k.lost === 0,
    said: (k) =>
      `base address ${k.bar} was given ${hex(k.address + k.lost, 8)}, and holds ${hex(k.address, 8)}, a multiple of its ${bytesText(k.size)}`,
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
    said: ({ name }) =>
      `all ones were written to 18 of ${name}, where a bridge has its bus numbers, as if to size base address 2`,
    alike: true,
  },
} as const satisfies Rules<PlaceWatch>;

/** A part of the memory map that the firmware keeps for itself. */
export interface Reserved {
  readonly base: number;
  readonly size: number;
}

/** What was written to a base address, and the bits of the address that it does not hold. */
interface Given {
  readonly write: BaseWrite;
  readonly lost: number;
}

/** @param before those that were lost before, some of which may have been written again. */
function lostOf({ io, size, from, width, value }: BaseWrite, before: number): number {
  const written = ((2 ** (8 * width) - 1) << (8 * from)) & (size - 1) & ~(io ? IO_FLAGS : MEMORY_FLAGS);
  return (before & ~written) | ((value << (8 * from)) & written);
}

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
  /** Bits of the address that was written to it that it does not hold; its size; and that it is in I/O space, and too high. */
  lost = 0;
  size = 0;
  isBeyondPorts = false;
  /** What was written to each, and was not decoded since. */
  private readonly given: (Given | null)[] = new Array<Given | null>(BAR_COUNT).fill(null);
  private readonly sizes = new Float64Array(BAR_COUNT);
  private readonly reserved: readonly Reserved[];
  private readonly subjectOf: () => string;
  /** `placed`: a base address is decoded from now on. `missed`: one that is not decoded was accessed. `ended`: what follows one was. `moved`: one is given another address. `given`: one that was written is decoded. `numbered`: a bridge is given bus numbers. */
  private readonly on;

  /** @param reserved memory that is no RAM, and in which nothing of this machine answers. */
  constructor(subjectOf: () => string, journal: Journal, reserved: readonly Reserved[]) {
    this.subjectOf = subjectOf;
    this.reserved = reserved;
    this.on = new Watch(journal, PLACES).on;
  }

  get subject(): string {
    // A mistake with one bridge is made with each.
    return this.isSized ? 'bridges' : this.subjectOf();
  }

  get name(): string {
    return this.subjectOf();
  }

  placed(index: number, address: number, over: string | null, sizing: boolean): void {
    this.bar = index;
    this.sizing = sizing;
    this.address = address;
    this.over = over ?? (this.isReserved(index, address) ? FIRMWARE : null);
    this.off = false;
    this.on.placed.tell(this);
  }

  /** A base address was written, by an address or, for sizing, by all ones. */
  written(write: BaseWrite, isSized: boolean): void {
    const { index, io, size, width, value, decoded } = write;
    this.sizes[index] = io ? 0 : size;
    const isMask = isSized || value === 2 ** (8 * width) - 1;
    this.given[index] = isMask ? null : { write, lost: lostOf(write, this.given[index]?.lost ?? 0) };
    if (decoded) this.decodes(index);
  }

  /** Command decodes I/O space, memory, or both. */
  commandWritten(value: number): void {
    for (const [index, given] of this.given.entries())
      if (given !== null && (value & (given.write.io ? IO_SPACE : MEMORY_SPACE)) !== 0) this.decodes(index);
  }

  forget(): void {
    this.given.fill(null);
  }

  private decodes(index: number): void {
    const given = this.given[index];
    if (given == null) return;
    const { write, lost } = given;
    this.given[index] = null;
    this.bar = index;
    this.size = write.size;
    this.lost = lost;
    this.address = (write.held & -write.size) >>> 0;
    this.over = null;
    this.isBeyondPorts = write.io && this.address >= PORTS;
    this.on.given.tell(this);
    this.isBeyondPorts = false;
  }

  /** All ones, written for sizing, are no address. */
  private isReserved(index: number, address: number): boolean {
    const end = address + this.sizes[index]!;
    return end !== FOUR_GIB && this.reserved.some(({ base, size }) => address < base + size && base < end);
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
