import type { InterruptEvents, PicEvents } from '../../chipset/events.ts';
import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { INTERRUPT, type InterruptKnows, PIC, type PicKnows } from './pic.ts';

/** The master's input that the slave is wired to, as in every PC. */
const CASCADE = 2;

/**
 * Watches whoever programs one of the two 8259A of a PC.
 *
 * @example
 * pair.master.events = new PicWatch('pic master', 'master', journal);
 */
export class PicWatch implements PicEvents, PicKnows {
  readonly subject: string;
  readonly wiring: number;
  readonly cascade: number;
  ocw1 = 0;
  icw1 = 0;
  icw3 = 0;
  icw4 = 0;
  private readonly onMasked;

  constructor(subject: string, role: 'master' | 'slave', journal: Journal) {
    this.subject = subject;
    this.wiring = role === 'master' ? 1 << CASCADE : CASCADE;
    this.cascade = role === 'master' ? 1 << CASCADE : 0;
    this.onMasked = new Watch<PicKnows, 'masked'>(journal, PIC).at('masked');
  }

  masked(ocw1: number, icw1: number, icw3: number, icw4: number): void {
    this.ocw1 = ocw1;
    this.icw1 = icw1;
    this.icw3 = icw3;
    this.icw4 = icw4;
    this.onMasked.tell(this);
  }
}

/**
 * Watches whoever serves a CPU's interrupts.
 *
 * @example
 * cpu.events = new InterruptWatch(journal);
 */
export class InterruptWatch implements InterruptEvents, InterruptKnows {
  ended = false;
  vector = 0;
  firmwares = false;
  private readonly watch;
  private readonly onTaken;
  private readonly onReturned;

  constructor(journal: Journal) {
    this.watch = new Watch<InterruptKnows, 'taken' | 'returned'>(journal, INTERRUPT);
    this.onTaken = this.watch.at('taken');
    this.onReturned = this.watch.at('returned');
  }

  get subject(): string {
    return `interrupt vector ${hex(this.vector, 2)}`;
  }

  taken(vector: number, firmware: boolean): void {
    this.vector = vector;
    this.firmwares = firmware;
    this.onTaken.tell(this);
  }

  returned(vector: number, ended: boolean): void {
    this.vector = vector;
    this.ended = ended;
    this.onReturned.tell(this);
  }

  /** A boot tells once. */
  reset(): void {
    this.watch.forget();
  }
}
