import type { Mark } from '../../core/access.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { LineRate, UartEvents } from '../../serial/events.ts';
import { IER, IIR } from '../../serial/registers.ts';
import { addSuspect } from '../suspected.ts';

const { ERBFI } = IER.mask;
const { ID } = IIR.mask;
const LINE_STATUS = IIR.encode({ ID: 3 });
/** Virtual nanoseconds within which a driver has polled, or served an interrupt: 50 ms. */
const LONG: Nanos = 50_000_000;
const NEVER = Number.POSITIVE_INFINITY;

/** Rules of what a driver leaves waiting. */
export const UART_WAITING = {
  'uart/LINE-INTERRUPT': {
    where: 'PC16550D, 8.6',
    text: 'A driver MUST answer a line status interrupt by reading LSR: nothing else ends it.',
    advice: 'Read LSR if IIR is 6, and then the byte, if there is one.',
    on: ['served', 'late'],
    kept: (k) => !k.late,
    said: () => 'IIR showed a line status interrupt, and LSR was not read for 50 ms',
  },
} as const satisfies Rules<WaitingWatch>;

/**
 * Knows of what waits in a port: a line status interrupt, and characters for a driver that stopped. Of characters it says nothing
 * where a driver ends.
 */
export class WaitingWatch implements Partial<UartEvents> {
  /** The last use of the port. */
  since: Mark = 0;
  /** LSR was not read in time after IIR showed a line status interrupt. */
  late = false;
  readonly subject: string;
  private readonly journal: Journal;
  /** Characters in the receiver, and when LSR or RBR was read last. */
  private waiting = 0;
  private lookedAt: Nanos = 0;
  /** IER asks for an interrupt of them, and IIR was read since LSR was. */
  private isAsked = false;
  private isIdentified = false;
  /** Since when IIR shows a line status interrupt. */
  private shownAt: Nanos = NEVER;
  /** `served`: LSR is read after a line status interrupt. `late`: it was not. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    this.on = new Watch(journal, UART_WAITING).on;
    addSuspect(journal, this);
    journal.beforeReading(() => this.settle());
  }

  get suspicion(): string | null {
    if (this.waiting === 0 || this.journal.now - this.lookedAt < LONG) return null;
    const byIer = this.isAsked ? 'though IER asks for their interrupt' : 'and IER asks for no interrupt';
    const why = this.isIdentified && !this.isAsked ? 'but IIR, which shows only what IER enables' : byIer;
    return `uart/OVERRUN: ${this.subject}: characters wait in RBR, and LSR was not read for 50 ms, ${why}`;
  }

  reset(): void {
    this.waiting = 0;
    this.isAsked = false;
    this.shownAt = NEVER;
  }

  transmitted(): void {
    this.used();
  }

  received(_byte: number, lost: number, _fifoOn: boolean, _rate: LineRate): void {
    if (lost < 0) this.waiting++;
  }

  taken(): void {
    this.waiting = Math.max(0, this.waiting - 1);
    this.looks();
  }

  takenNothing(): void {
    this.looks();
  }

  looked(iir: number): void {
    this.settle();
    if (iir < 0) this.served();
    else this.identified(iir);
  }

  interruptsEnabled(ier: number): void {
    this.isAsked = (ier & ERBFI) !== 0;
    // A driver whose interrupts go elsewhere uses it no further.
    if (this.isAsked) this.used();
  }

  released(): void {
    this.waiting = 0;
  }

  private identified(iir: number): void {
    this.isIdentified = true;
    if ((iir & ID) === LINE_STATUS && this.shownAt === NEVER) this.shownAt = this.journal.now;
  }

  private served(): void {
    this.looks();
    if (this.shownAt === NEVER) return;
    this.shownAt = NEVER;
    this.late = false;
    this.on.served.tell(this);
  }

  private settle(): void {
    if (!(this.journal.now - this.shownAt >= LONG)) return;
    this.shownAt = NEVER;
    this.late = true;
    this.on.late.tell(this);
  }

  private looks(): void {
    this.lookedAt = this.journal.now;
    this.isIdentified = false;
    this.used();
  }

  private used(): void {
    if (!this.journal.quiet) this.since = this.journal.mark;
  }
}
