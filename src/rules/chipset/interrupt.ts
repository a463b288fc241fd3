import type { InterruptEvents } from '../../chipset/events.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Virtual nanoseconds within which a device is served that is served outside its handler: 50 ms. */
const LONG: Nanos = 50_000_000;
const NO_LINE = -1;

/** Rules of interrupt handlers. */
export const INTERRUPT = {
  'pic/VECTOR': {
    where: '8259A, ICW2',
    text: 'Mask both 8259As, or give them vectors of your own, before taking interrupts.',
    advice:
      'Before STI, write FFh to ports 21h and A1h, or initialise both 8259As with vectors from 20h up: a BIOS leaves the timer unmasked on vector 08h, which is #DF in protected mode.',
    on: 'taken',
    kept: (k) => !k.firmwares,
    said: (k) => `vector ${hex(k.vector, 2)} went to the firmware's handler, which a kernel does not have`,
    once: true,
  },
  'pic/EOI': {
    where: '8259A, End of Interrupt',
    text: 'A driver MUST end every interrupt with an EOI before its handler returns.',
    advice:
      'Write 20h to port 20h; for IRQ 8 to 15, write 20h to port A0h first. If the vector came by the local APIC, as from MSI-X, write 0 to its EOI register. Set a handler for each line before you unmask it.',
    on: 'returned',
    kept: (k) => k.ended,
    said: (k) =>
      k.handled
        ? 'its handler returned without an EOI'
        : 'it was taken, but no handler was set for it, and no EOI came',
    follows: ['pic/EOI-LEVEL', 'apic/WIDTH'],
  },
  'pic/EDGE': {
    where: '8259A, Edge and Level Triggered Modes',
    text: 'A driver MUST serve the device of an edge-triggered line until the line falls.',
    advice:
      'Keep serving until the device has nothing left, as the IIR of a UART tells: while the line is high there is no new edge, and no new interrupt.',
    on: ['returned', 'stuck'],
    when: (k) => k.edge >= 0,
    kept: (k) => !k.stuck || k.isLevel,
    follows: ['rtc/FLAGS', 'uart/LINE-INTERRUPT'],
    said: (k) => `IRQ ${k.edge} stayed up after its handler had returned: no further interrupt comes by it`,
  },
} as const satisfies Rules<InterruptWatch>;

/**
 * Watches the handlers of a CPU's interrupts.
 *
 * @param isSpent whether an edge-triggered line is up, open and was served.
 *
 * @example
 * cpu.events = new InterruptWatch((irq) => pic.isSpent(irq), journal);
 */
export class InterruptWatch implements Omit<InterruptEvents, 'waitedInVain'> {
  vector = 0;
  /** The edge-triggered line of the interrupt, -1 for none, and whether it stayed up for `LONG` afterwards. */
  edge = NO_LINE;
  stuck = false;
  /** The interrupt led to a handler of the firmware. */
  firmwares = false;
  ended = false;
  /** The guest has a handler for the vector. */
  handled = true;
  private handlers = 0;
  private readonly isSpent: (irq: number) => boolean;
  private readonly journal: Journal;
  /** The line that was up when its handler returned, its vector, and since when. */
  private left = NO_LINE;
  private leftVector = 0;
  private since: Nanos = 0;
  private readonly watch;
  /** `stuck`: the line of an interrupt that was served long ago is still up. */
  private readonly on;

  constructor(isSpent: (irq: number) => boolean, journal: Journal) {
    this.isSpent = isSpent;
    this.journal = journal;
    this.watch = new Watch(journal, INTERRUPT);
    this.on = this.watch.on;
    journal.beforeReading(() => this.settle());
  }

  /** The line should be level-triggered, which pirq/ELCR says. */
  get isLevel(): boolean {
    return this.journal.of('pirq/ELCR').some(({ said }) => said.startsWith(`IRQ ${this.edge} `));
  }

  get subject(): string {
    return `interrupt vector ${hex(this.vector, 2)}`;
  }

  taken(vector: number, handled: boolean, firmware: boolean): void {
    this.settle();
    this.vector = vector;
    this.handled = handled;
    this.firmwares = firmware;
    if (!firmware) this.journal.handler = ++this.handlers;
    this.on.taken.tell(this);
  }

  returned(vector: number, ended: boolean, edge: number, high: boolean): void {
    this.vector = vector;
    this.journal.handler = 0;
    this.ended = ended;
    this.edge = edge;
    this.stuck = false;
    this.on.returned.tell(this);
    if (edge < 0 || (!high && edge !== this.left)) return;
    this.left = high ? edge : NO_LINE;
    this.leftVector = vector;
    this.since = this.journal.now;
  }

  /** Rules with `once` tell once a boot. */
  reset(): void {
    this.watch.forget();
    this.journal.handler = 0;
    this.left = NO_LINE;
  }

  /** Judges the line that was left up, once a driver that serves the device outside its handler has had the time. */
  private settle(): void {
    if (this.left === NO_LINE) return;
    const spent = this.isSpent(this.left);
    if (spent && this.journal.now - this.since < LONG) return;
    this.edge = this.left;
    this.left = NO_LINE;
    if (!spent) return;
    this.vector = this.leftVector;
    this.stuck = true;
    this.on.stuck.tell(this);
  }
}
