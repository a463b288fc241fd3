import { bdfText, hex } from '../../core/bits.ts';
import type { FoundBar, FoundFunction, PciId } from '../../core/driver.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Class and subclass of a bridge to another bus. */
const BUS_BRIDGE = 0x0604;

/** A base address that is there. */
type PluggedBar = Omit<FoundBar, 'address'>;

/** A function that is there. */
export interface PluggedFunction {
  readonly bdf: number;
  /** `net0 (00:04.0)` */
  readonly subject: string;
  readonly id: PciId;
  readonly bars: readonly PluggedBar[];
  /** Vectors in the MSI-X table, 0 without one. Left out, it is not known. */
  readonly msixVectors?: number;
}

/** Rules for the result of an enumeration. */
export const ENUMERATION = {
  'pci/FUNCTIONS': {
    where: 'PCI 3.0, 6.1',
    text: 'A driver MUST find every function of the bus, including those of a multi-function device.',
    advice:
      'If bit 7 of the header type of function 0 is set, look at functions 1 to 7, even if some between are missing.',
    on: 'enumerated',
    kept: ({ fn, seen }) => fn !== null && seen !== null && same(fn.id, seen.id),
    said: ({ fn, seen }) => {
      if (fn === null) return 'the scan found a function that is not there';
      if (seen === null) return `the scan did not find ${bdfText(fn.bdf)}`;
      return `the scan took it for ${idText(seen.id)}; it is ${idText(fn.id)}`;
    },
  },
  'pci/BRIDGES': {
    where: 'PCI-to-PCI Bridge 1.2, 3.2.5',
    text: 'A driver MUST look behind each bridge, those behind other bridges too, and not on bus 0 alone.',
    advice:
      'Where Header Type is 1, scan the bus that Secondary Bus Number names, too, and so on from there; give the buses numbers where firmware did not.',
    on: 'behind',
    kept: ({ fn }) => fn === null,
    said: ({ fn, buses }) => {
      const where = buses.length === 1 ? 'bus 0 alone' : `buses ${buses.join(', ')} alone`;
      return `the scan looked at ${where}, and did not find ${bdfText(fn!.bdf)}`;
    },
  },
  'pci/BAR-SIZE': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver MUST take the size of a BAR from the lowest writable address bit, read back after writing all ones.',
    advice:
      'Write ffffffff, read, mask off bits 1:0 (I/O) or 3:0 (memory), negate; then restore the address.',
    on: 'sized',
    alike: true,
    kept: ({ bar, guess }) => bar?.size === guess?.size && bar?.kind === guess?.kind,
    said: ({ bar, guess, ofBridge }) => {
      const address = `base address ${(bar ?? guess)!.index}${ofBridge === null ? '' : ` of ${ofBridge}`}`;
      if (bar === null) return `${address} was found; there is none`;
      if (guess === null) return `${address} was not found; it is ${barText(bar)}`;
      return `${address} was sized as ${barText(guess)}; it is ${barText(bar)}`;
    },
  },
  'pci/BAR-FLAGS': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver MUST take the address of a BAR without its flag bits.',
    advice: 'Clear bits 1:0 of what an I/O BAR reads, and bits 3:0 of a memory BAR.',
    on: 'sized',
    alike: true,
    // Of another size a rule is broken already.
    when: ({ bar, guess }) => bar !== null && bar.size === guess?.size && bar.kind === guess.kind,
    kept: ({ bar, guess }) => guess!.address % bar!.size === 0,
    said: ({ guess }) =>
      `base address ${guess!.index} was found at ${hex(guess!.address, 4)}, which is no multiple of its size`,
  },
  'pci/MSIX-SIZE': {
    where: 'PCI 3.0, 6.8.2.3',
    text: 'A driver MUST take Table Size of MSI-X, of eleven bits, plus 1 for the number of vectors.',
    advice: 'Mask Message Control with 7ff, and add 1.',
    on: 'enumerated',
    alike: true,
    // A scan need not look for it.
    when: ({ fn, seen }) => fn?.msixVectors !== undefined && (seen?.msixVectors ?? 0) !== 0,
    kept: ({ fn, seen }) => seen!.msixVectors === fn!.msixVectors,
    said: ({ fn, seen }) =>
      `the scan found an MSI-X table of ${entriesText(seen!.msixVectors)}; it has ${entriesText(fn!.msixVectors!)}`,
  },
} as const satisfies Rules<EnumerationWatch>;

const busOf = ({ bdf }: { readonly bdf: number }) => bdf >> 8;
const isBridge = ({ id }: PluggedFunction) => id.class >> 8 === BUS_BRIDGE;

function same(a: PciId, b: PciId): boolean {
  return a.vendor === b.vendor && a.device === b.device && a.class === b.class;
}

function idText({ vendor, device, class: code }: PciId): string {
  return `${hex(vendor, 4)}:${hex(device, 4)} class ${hex(code, 6)}`;
}

function entriesText(count: number): string {
  return count === 1 ? 'one entry' : `${count} entries`;
}

function barText({ kind, size }: PluggedBar): string {
  return `${kind} of ${size} bytes`;
}

/**
 * Compares what a guest's scan found with what is plugged in.
 *
 * @example
 * new EnumerationWatch(journal).enumerated(found, plugged);
 */
export class EnumerationWatch {
  /** Null where the scan found a function that is not there. */
  fn: PluggedFunction | null = null;
  /** Null where the scan found nothing. */
  seen: FoundFunction | null = null;
  bar: PluggedBar | null = null;
  guess: FoundBar | null = null;
  /** The bridge that has it; null where it is no bridge's. */
  ofBridge: string | null = null;
  /** Where it found something, and bus 0. */
  buses: readonly number[] = [];
  private readonly on;

  constructor(journal: Journal) {
    this.on = new Watch(journal, ENUMERATION).on;
  }

  get subject(): string {
    // A mistake with one bridge is made with each.
    if (this.ofBridge !== null) return 'bridges';
    return this.fn?.subject ?? (this.seen === null ? 'pci' : bdfText(this.seen.bdf));
  }

  enumerated(found: readonly FoundFunction[], plugged: readonly PluggedFunction[]): void {
    this.buses = [...new Set([0, ...found.map(busOf)])];
    this.lookBehind(plugged);
    const last = Math.max(...this.buses);
    for (const fn of plugged) {
      const seen = found.find(({ bdf }) => bdf === fn.bdf) ?? null;
      // A scan that went through a bridge need not list it, and `pci/BRIDGES` is told of a whole bus.
      const isPassed = isBridge(fn) && busOf(fn) < last;
      if (seen !== null || (this.isSeen(fn) && !isPassed)) this.hold(fn, seen);
    }
    for (const seen of found) if (!plugged.some(({ bdf }) => bdf === seen.bdf)) this.hold(null, seen);
  }

  /** Whether it found nothing on a bus where something else is than bridges. */
  private lookBehind(plugged: readonly PluggedFunction[]): void {
    const behind = plugged.filter((fn) => busOf(fn) > 0 && !isBridge(fn));
    if (behind.length === 0) return;
    this.fn = behind.find((fn) => !this.isSeen(fn)) ?? null;
    this.on.behind.tell(this);
  }

  private isSeen(fn: PluggedFunction): boolean {
    return this.buses.includes(busOf(fn));
  }

  private hold(fn: PluggedFunction | null, seen: FoundFunction | null): void {
    this.fn = fn;
    this.seen = seen;
    this.on.enumerated.tell(this);
    if (fn === null || seen === null) return;
    for (const bar of fn.bars) this.size(bar, seen.bars.find(({ index }) => index === bar.index) ?? null);
    for (const guess of seen.bars)
      if (!fn.bars.some(({ index }) => index === guess.index)) this.size(null, guess);
  }

  private size(bar: PluggedBar | null, guess: FoundBar | null): void {
    this.bar = bar;
    this.guess = guess;
    this.ofBridge = isBridge(this.fn!) ? this.fn!.subject : null;
    this.on.sized.tell(this);
    this.ofBridge = null;
  }
}

/** A bridge to another bus, where it is, the bus, -1 while it has no number, and the last one behind it. */
interface NumberedBridge {
  readonly subject: string;
  readonly bdf: number;
  readonly secondary: number;
  readonly subordinate: number;
}

/** Rules of the numbers that buses are given. */
export const BUS_NUMBERS = {
  'pci/BUS-NUMBER': {
    where: 'PCI-to-PCI Bridge 1.2, 3.2.5',
    text: 'A driver MUST give each bridge a Secondary Bus Number of its own, up to Subordinate Bus Number of each bridge on the way.',
    advice:
      'Count on with each bridge that you find, with Subordinate Bus Number ff meanwhile; then write the last number that was given behind it.',
    on: 'ended',
    kept: (k) => k.other === null && k.above === null,
    said: (k) =>
      k.above === null
        ? `Secondary Bus Number is ${k.number}, as that of ${k.other}`
        : `Secondary Bus Number is ${k.number}, and Subordinate Bus Number of ${k.above.subject} is ${k.above.subordinate}`,
    alike: true,
  },
} as const satisfies Rules<BusNumberWatch>;

/**
 * Compares, at the end of a run, the numbers of the buses behind bridges.
 *
 * @example
 * new BusNumberWatch(() => bridges, journal);
 */
export class BusNumberWatch {
  subject = '';
  /** The number of its bus, and another bridge that has it, too; null is none. */
  number = 0;
  other: string | null = null;
  /** A bridge on the way that does not pass its number on. */
  above: NumberedBridge | null = null;
  private readonly on;

  constructor(bridges: () => readonly NumberedBridge[], journal: Journal) {
    this.on = new Watch(journal, BUS_NUMBERS).on;
    journal.atEnd(() => this.ended(bridges()));
  }

  private ended(bridges: readonly NumberedBridge[]): void {
    const first = new Map<number, string>();
    for (const bridge of bridges) {
      const { subject, secondary } = bridge;
      if (secondary < 0) continue;
      this.above = blockOf(bridges, bridge, secondary);
      // One bridge passes none on of all behind it.
      this.subject = this.above === null ? subject : 'bridges';
      this.number = secondary;
      this.other = first.get(secondary) ?? null;
      first.set(secondary, this.other ?? subject);
      this.on.ended.tell(this);
    }
  }
}

/** The bridge on the way to one that does not pass a bus on; null is none. */
function blockOf(
  bridges: readonly NumberedBridge[],
  bridge: NumberedBridge,
  bus: number,
): NumberedBridge | null {
  const above = bridges.find(({ secondary }) => secondary > 0 && secondary === bridge.bdf >> 8);
  if (above === undefined || above === bridge) return null;
  return above.subordinate < bus
    ? above
    : blockOf(
        bridges.filter((one) => one !== above),
        above,
        bus,
      );
}
