import type { IoApicEvents, LocalApicEvents } from '../../chipset/events.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { IO_APIC, type IoApicKnows, LOCAL_APIC, type LocalApicKnows, type LocalApicMoment } from './apic.ts';

const PINS = 24;
const NOTHING = -1;

/** What stands fixed about the board. */
interface IoApicFacts {
  readonly cpus: number;
  readonly isPci: (irq: number) => boolean;
}

/**
 * Watches what the entries of an IOAPIC send: each is looked at once, until it is written again.
 *
 * @example
 * ioapic.events = new IoApicWatch('ioapic', { cpus: 1, isPci: (irq) => isa.drives(irq) }, journal);
 */
export class IoApicWatch implements IoApicEvents, IoApicKnows {
  readonly cpus: number;
  low = 0;
  high = 0;
  ofPci = false;
  private pin = 0;
  private readonly name: string;
  private readonly isPci: (irq: number) => boolean;
  private readonly seen = new Uint8Array(PINS);
  private readonly onSent;

  constructor(name: string, { cpus, isPci }: IoApicFacts, journal: Journal) {
    this.name = name;
    this.cpus = cpus;
    this.isPci = isPci;
    this.onSent = new Watch<IoApicKnows, 'sent'>(journal, IO_APIC).at('sent');
  }

  get subject(): string {
    return `${this.name}, pin ${this.pin}`;
  }

  entryWritten(pin: number): void {
    this.seen[pin] = 0;
  }

  sent(pin: number, low: number, high: number): void {
    if (this.seen[pin] === 1) return;
    this.seen[pin] = 1;
    this.pin = pin;
    this.low = low;
    this.high = high;
    this.ofPci = this.isPci(pin);
    this.onSent.tell(this);
  }
}

/**
 * Watches whoever programs the local APIC.
 *
 * @example
 * apic.events = new LocalApicWatch('apic', journal);
 */
export class LocalApicWatch implements LocalApicEvents, LocalApicKnows {
  readonly subject: string;
  enabled = true;
  data = NOTHING;
  timerVector = NOTHING;
  private readonly onSwitched;
  private readonly onLost;
  private readonly onTimer;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    const watch = new Watch<LocalApicKnows, LocalApicMoment>(journal, LOCAL_APIC);
    this.onSwitched = watch.at('switched');
    this.onLost = watch.at('lost');
    this.onTimer = watch.at('timer');
  }

  switched(enabled: boolean): void {
    this.enabled = enabled;
    this.data = NOTHING;
    this.onSwitched.tell(this);
  }

  lost(data: number): void {
    this.enabled = false;
    this.data = data;
    this.onLost.tell(this);
  }

  timerStarted(vector: number): void {
    this.timerVector = vector;
    this.onTimer.tell(this);
  }
}
