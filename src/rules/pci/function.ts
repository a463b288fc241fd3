import type { Mark } from '../../core/access.ts';
import type { Nanos, Width } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { FOUR_GIB } from '../../core/memory.ts';
import type { Register } from '../../core/register.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { BaseWrite, MsixPlace, PciEvents } from '../../pci/events.ts';
import { BAR_COUNT, COMMAND } from '../../pci/registers.ts';
import type { Apics } from '../chipset/apic.ts';
import { MessageWatch } from './messages.ts';
import { PlaceWatch, type Reserved } from './places.ts';
import { Sizing } from './sizing.ts';
import { WideWatch } from './wide.ts';

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;

/** Longer than any list: more rounds than a function may have capabilities. */
const MANY_ROUNDS = 100;
/** Of the 8259 pair. */
const LAST_IRQ = 15;

/** Rules for a driver of a PCI function. */
export const FUNCTION = {
  'pci/BAR-RESTORE': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver MUST restore an address to a BAR that it sized before it enables decoding.',
    advice: 'Clear I/O and memory space in Command, size, write the address back, then enable.',
    // A base address that was sized was written again, or is to be decoded.
    on: 'settled',
    kept: (k) => !k.sizing,
    said: (k) => `base address ${k.bar} still held all ones when decoding was enabled`,
    since: (k) => k.sized,
  },
  'pci/BAR-DECODE': {
    where: 'PCI 3.0, 6.2.5.1',
    text: 'A driver SHOULD disable decoding while a BAR holds all ones for sizing.',
    advice: 'Clear bits 0 and 1 of Command around the sizing: meanwhile the function would answer elsewhere.',
    on: 'sized',
    kept: (k) => !k.decoded,
    said: (k) => `base address ${k.bar} was sized while it was decoded`,
  },
  'pci/CAPABILITY-LOOP': {
    where: 'PCI 3.0, 6.7',
    text: 'A driver SHOULD end its walk of the capability list even if the list loops.',
    advice: 'Count: no more than 48 capabilities fit after the header.',
    on: 'walk',
    kept: (k) => k.rounds < MANY_ROUNDS,
    said: (k) => `the walk came by the first capability ${k.rounds} times`,
    once: true,
  },
  'pirq/LINE': {
    where: 'PCI 3.0, 6.2.4',
    text: 'Write no other IRQ to Interrupt Line than that to which the router leads the pin.',
    advice: 'After PIRQRC, write the IRQ of the link to which slot and pin are wired, or ffh for none.',
    on: 'line',
    // No hardware reads it: a driver may note there what is no IRQ, as a vector, or 0 for none.
    when: (k) => k.irq !== null && k.line > 0 && k.line <= LAST_IRQ,
    kept: (k) => k.line === k.irq,
    said: (k) => `Interrupt Line is ${k.line}, but PIRQRC leads the pin to IRQ ${k.irq}`,
  },
  'pci/BUS-MASTER': {
    where: 'PCI 3.0, 6.2.2',
    text: 'A driver MUST enable bus mastering before it has a device access memory or send a message.',
    advice: 'Set bit 2 of Command when the driver takes the function; firmware need not have set it.',
    on: 'mastering',
    // Linux silences devices so before it starts another kernel: messages that were set up before are lost on purpose.
    when: (k) => k.vector < 0 || k.open || !k.isSilenced,
    kept: (k) => k.open,
    said: (k) =>
      k.vector < 0
        ? `${k.kicked} was kicked while bus mastering was off`
        : `vector ${k.vector} could not be sent: bus mastering is off`,
    since: (k) => k.commanded,
  },
} as const satisfies Rules<FunctionWatch>;

/**
 * Watches a driver of one PCI function.
 *
 * @example
 * fn.events = new FunctionWatch(() => fn.subject, journal, apics);
 */
export class FunctionWatch implements PciEvents {
  /** The base address in question. */
  bar = 0;
  /** It holds all ones, for sizing, and since when. */
  sizing = false;
  sized: Mark = 0;
  /** Command had decoding enabled meanwhile. */
  decoded = false;
  /** Times that a walk of the capability list entered its first capability. */
  rounds = 0;
  /** What was written to Interrupt Line, and the IRQ that the pin leads to. */
  line = 0;
  irq: number | null = null;
  /** Bus mastering is on, and since when it is on or off; 0 is from the start. */
  open = false;
  commanded: Mark = 0;
  /** It was turned off, and no entry of the MSI-X table was written since. */
  isSilenced = false;
  /** What needs bus mastering: a vector, or, with a vector of -1, the kick of a queue. */
  vector = -1;
  /** `transmit queue 1 (queue 1)` */
  kicked = '';
  private readonly subjectOf: () => string;
  private readonly journal: Journal;
  private readonly sizings = new Sizing();
  private readonly sent: MessageWatch;
  private readonly places: PlaceWatch;
  private readonly wide: WideWatch;
  private messages = 0;
  private last: Nanos = 0;
  private readonly on;

  constructor(subjectOf: () => string, journal: Journal, apics: Apics, reserved: readonly Reserved[] = []) {
    this.subjectOf = subjectOf;
    this.journal = journal;
    this.sent = new MessageWatch(subjectOf, journal, apics);
    this.places = new PlaceWatch(subjectOf, journal, reserved);
    this.wide = new WideWatch(subjectOf, journal);
    this.on = new Watch(journal, FUNCTION).on;
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.subjectOf();
  }

  reset(): void {
    this.sizings.forget();
    this.places.forget();
    this.open = this.isSilenced = false;
    this.commanded = 0;
    this.sent.reset();
  }

  baseWritten(write: BaseWrite): void {
    const what = this.sizings.written(write, this.journal.mark);
    if (what === 'restored') this.settled(write.index);
    this.places.written(write, this.sizings.has(write.index));
    if (what === null && write.moved) this.places.moved(write.index, write.decoded);
    if (what !== 'sized') return;
    this.bar = write.index;
    this.decoded = write.decoded;
    this.on.sized.tell(this);
  }

  commandWritten(value: number): void {
    const open = (value & BUS_MASTER) !== 0;
    if (open !== this.open) {
      this.open = open;
      this.isSilenced = !open;
      this.commanded = this.journal.mark;
    }
    for (let index = 0; index < BAR_COUNT; index++) {
      const enable = this.sizings.isIo(index) ? IO_SPACE : MEMORY_SPACE;
      if (this.sizings.has(index) && (value & enable) !== 0) this.settled(index);
    }
    this.places.commandWritten(value);
    if ((value & MEMORY_SPACE) !== 0) this.wideDecoded();
  }

  /** All ones are no address in an upper half, either. */
  private wideDecoded(): void {
    for (let index = 0; index < BAR_COUNT; index++) {
      if (this.wide.leftSince(index) < 0) continue;
      this.bar = index + 1;
      this.sizing = true;
      this.sized = this.wide.leftSince(index);
      this.on.settled.tell(this);
    }
    this.wide.decoded();
  }

  halfRead(index: number, isUpper: boolean): void {
    this.wide.halfRead(index, isUpper);
  }

  halfWritten(index: number, isUpper: boolean, held: number, size: number): void {
    this.wide.halfWritten(index, isUpper, held, size);
  }

  cut(index: number, base: number, address: number): void {
    this.wide.cut(index, base, address);
  }

  listBegun(): void {
    this.rounds = 0;
  }

  listEntered(): void {
    this.rounds++;
    this.on.walk.tell(this);
  }

  lineWritten(line: number, irq: number | null): void {
    [this.line, this.irq] = [line, irq];
    this.on.line.tell(this);
  }

  placed(index: number, address: number, over: string | null): void {
    this.places.placed(index, address, over, this.sizings.has(index));
    if (address >= FOUR_GIB) this.wide.placed(index, address);
  }

  busNumbersWritten(value: number, width: Width): void {
    this.places.busNumbersWritten(value, width);
  }

  missed(index: number, address: number, decoded: boolean): void {
    this.places.missed(index, address, decoded);
  }

  beyond(index: number, address: number): void {
    this.places.ended(index, address);
  }

  msixWritten(offset: number, value: number, width: Width, place: MsixPlace): void {
    this.sent.msixWritten(offset, value, width, place);
  }

  entryWritten(entry: number, field: Register, enabled: boolean, live: boolean): void {
    this.isSilenced = false;
    this.sent.entryWritten(entry, field, enabled, live);
  }

  messageDue(vector: number, open: boolean, address: number, upper: number, data: number): void {
    if (open) {
      this.sent.sent(vector, address, upper, data);
      this.messages++;
      this.last = this.journal.now;
      return;
    }
    this.vector = vector;
    this.open = open;
    this.on.mastering.tell(this);
  }

  /** A queue that exists, `transmit queue 1`, was kicked. */
  queueKicked(queue: string, open: boolean): void {
    this.vector = -1;
    this.kicked = queue;
    this.open = open;
    this.on.mastering.tell(this);
  }

  /** Bus mastering was needed `times` times more, last at `last`, and was on. */
  masteredAgain(times: number, last: Nanos): void {
    this.open = true;
    this.on.mastering.repeat(this, times, last);
  }

  private settle(): void {
    if (this.messages > 0) this.masteredAgain(this.messages, this.last);
    this.messages = 0;
  }

  private settled(index: number): void {
    this.bar = index;
    this.sizing = this.sizings.has(index);
    this.sized = this.sizings.since[index]!;
    this.on.settled.tell(this);
  }
}
