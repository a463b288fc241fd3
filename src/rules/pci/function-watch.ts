import type { Mark } from '../../core/access.ts';
import type { Nanos, Width } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Register } from '../../core/register.ts';
import { Watch } from '../../core/watch.ts';
import type { MsixPlace, PciEvents } from '../../pci/events.ts';
import { BAR_COUNT, COMMAND } from '../../pci/registers.ts';
import { FUNCTION, type FunctionKnows, type FunctionMoment } from './function.ts';
import { MessageWatch } from './message-watch.ts';
import { PlaceWatch } from './place-watch.ts';

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;
const ALL_ONES = 0xffff_ffff;
const NO_BAR = 0;

/**
 * Watches whoever drives one PCI function.
 *
 * @example
 * fn.events = new FunctionWatch(() => fn.subject, journal);
 */
export class FunctionWatch implements PciEvents, FunctionKnows {
  bar = 0;
  sizing = false;
  sized: Mark = 0;
  decoded = false;
  offset = 0;
  value = 0;
  width: Width = 4;
  place: MsixPlace = 'table';
  entry = 0;
  field: Register | null = null;
  enabled = false;
  live = false;
  rounds = 0;
  line = 0;
  irq: number | null = null;
  open = false;
  commanded: Mark = 0;
  vector = -1;
  kicked = '';
  private readonly subjectOf: () => string;
  private readonly journal: Journal;
  /** Base addresses that hold all ones: the space that each is in, and when they got them. */
  private readonly space: number[] = new Array<number>(BAR_COUNT).fill(NO_BAR);
  private readonly since: Mark[] = new Array<Mark>(BAR_COUNT).fill(0);
  private readonly sent: MessageWatch;
  private readonly places: PlaceWatch;
  private messages = 0;
  private last: Nanos = 0;
  private readonly onWalk;
  private readonly onLine;
  private readonly onSized;
  private readonly onSettled;
  private readonly onMastering;
  private readonly onMsix;
  private readonly onEntry;

  constructor(subjectOf: () => string, journal: Journal) {
    this.subjectOf = subjectOf;
    this.journal = journal;
    this.sent = new MessageWatch(subjectOf, journal);
    this.places = new PlaceWatch(subjectOf, journal);
    const watch = new Watch<FunctionKnows, FunctionMoment>(journal, FUNCTION);
    this.onWalk = watch.at('walk');
    this.onLine = watch.at('line');
    this.onSized = watch.at('sized');
    this.onSettled = watch.at('settled');
    this.onMastering = watch.at('mastering');
    this.onMsix = watch.at('msix');
    this.onEntry = watch.at('entry');
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.subjectOf();
  }

  reset(): void {
    this.space.fill(NO_BAR);
    this.open = false;
    this.commanded = 0;
    this.sent.reset();
  }

  baseWritten(index: number, io: boolean, value: number, decoded: boolean): void {
    if (value === ALL_ONES) {
      this.space[index] = io ? IO_SPACE : MEMORY_SPACE;
      this.since[index] = this.journal.mark;
      this.bar = index;
      this.decoded = decoded;
      this.onSized.tell(this);
    } else if (this.space[index] !== NO_BAR) {
      this.space[index] = NO_BAR;
      this.settled(index);
    }
  }

  commandWritten(value: number): void {
    const open = (value & BUS_MASTER) !== 0;
    if (open !== this.open) {
      this.open = open;
      this.commanded = this.journal.mark;
    }
    for (let index = 0; index < BAR_COUNT; index++)
      if ((this.space[index]! & value) !== 0) this.settled(index);
  }

  listBegun(): void {
    this.rounds = 0;
  }

  listEntered(): void {
    this.rounds++;
    this.onWalk.tell(this);
  }

  lineWritten(line: number, irq: number | null): void {
    this.line = line;
    this.irq = irq;
    this.onLine.tell(this);
  }

  placed(index: number, address: number, over: string | null): void {
    this.places.placed(index, address, over);
  }

  missed(index: number, address: number): void {
    this.places.missed(index, address);
  }

  msixWritten(offset: number, value: number, width: Width, place: MsixPlace): void {
    this.offset = offset;
    this.value = value;
    this.width = width;
    this.place = place;
    this.onMsix.tell(this);
  }

  entryWritten(entry: number, field: Register, enabled: boolean, live: boolean): void {
    this.entry = entry;
    this.field = field;
    this.enabled = enabled;
    this.live = live;
    this.sent.entryWritten(entry);
    this.onEntry.tell(this);
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
    this.onMastering.tell(this);
  }

  /** A queue, `transmit queue 1`, that is there was kicked. */
  queueKicked(queue: string, open: boolean): void {
    this.vector = -1;
    this.kicked = queue;
    this.open = open;
    this.onMastering.tell(this);
  }

  /** What needs bus mastering came `times` times more, the last of them at `last`, and it was on. */
  masteredAgain(times: number, last: Nanos): void {
    this.open = true;
    this.onMastering.repeat(this, times, last);
  }

  private settle(): void {
    if (this.messages > 0) this.masteredAgain(this.messages, this.last);
    this.messages = 0;
  }

  private settled(index: number): void {
    this.bar = index;
    this.sizing = this.space[index] !== NO_BAR;
    this.sized = this.since[index]!;
    this.onSettled.tell(this);
  }
}
