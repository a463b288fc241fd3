import type { PicEvents } from '../../chipset/events.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { PIC, type PicKnows, type PicMoment } from './pic.ts';

/** The master's input that the slave is wired to, as in every PC. */
const CASCADE = 2;
/** No level. */
const NOTHING = -1;

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
  expects = 0;
  level = NOTHING;
  specific = false;
  inService = 0;
  spurious = false;
  /** An EOI is what is told of. */
  eoi = false;
  ofPci = false;
  followsPin = false;
  readonly first: number;
  private readonly isPci: (irq: number) => boolean;
  private readonly on;

  /** @param isPci whether a PCI interrupt is routed to an IRQ. */
  constructor(subject: string, role: 'master' | 'slave', journal: Journal, isPci = (_irq: number) => false) {
    this.subject = subject;
    this.wiring = role === 'master' ? 1 << CASCADE : CASCADE;
    this.cascade = role === 'master' ? 1 << CASCADE : 0;
    this.first = role === 'master' ? 0 : 8;
    this.isPci = isPci;
    const watch = new Watch<PicKnows, PicMoment>(journal, PIC);
    this.on = {
      masked: watch.at('masked'),
      commanded: watch.at('commanded'),
      ended: watch.at('ended'),
      taken: watch.at('taken'),
      over: watch.at('over'),
    };
  }

  masked(ocw1: number, icw1: number, icw3: number, icw4: number): void {
    this.ocw1 = ocw1;
    this.icw1 = icw1;
    this.icw3 = icw3;
    this.icw4 = icw4;
    this.on.masked.tell(this);
  }

  acknowledged(level: number, followsPin: boolean): void {
    this.over();
    this.spurious = level === NOTHING;
    if (this.spurious) return;
    this.level = level;
    this.followsPin = followsPin;
    this.ofPci = this.isPci(this.first + level);
    this.on.taken.tell(this);
  }

  commanded(expects: number): void {
    this.expects = expects;
    this.on.commanded.tell(this);
  }

  ended(level: number, specific: boolean, inService: number): void {
    this.level = level;
    this.specific = specific;
    this.inService = inService;
    this.eoi = true;
    this.on.ended.tell(this);
    this.eoi = this.spurious = false;
  }

  /** What was taken last is: a spurious interrupt was not ended. */
  private over(): void {
    if (this.spurious) this.on.over.tell(this);
  }
}
