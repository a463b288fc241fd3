import type { Mark } from '../../core/access.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { LineRate, UartEvents } from '../../serial/events.ts';
import { IER } from '../../serial/registers.ts';
import { addSuspect } from '../suspected.ts';

const { ERBFI } = IER.mask;
/** Virtual nanoseconds within which a polling driver has polled: 50 ms. */
const LONG: Nanos = 50_000_000;

/** Knows of characters that wait in a port for a driver that stopped. It says nothing of a driver that ends. */
export class WaitingWatch implements Partial<UartEvents> {
  /** The last use of the port. */
  since: Mark = 0;
  private readonly subject: string;
  private readonly journal: Journal;
  /** Characters in the receiver, and when LSR or RBR was read last. */
  private waiting = 0;
  private lookedAt: Nanos = 0;
  /** IER asks for an interrupt of them, and IIR was read since LSR was. */
  private isAsked = false;
  private isIdentified = false;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.journal = journal;
    addSuspect(journal, this);
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
    if (iir < 0) this.looks();
    else this.isIdentified = true;
  }

  interruptsEnabled(ier: number): void {
    this.isAsked = (ier & ERBFI) !== 0;
  }

  released(): void {
    this.waiting = 0;
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
