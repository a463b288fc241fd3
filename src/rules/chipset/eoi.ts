import type { PicEvents } from '../../chipset/events.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** No level. */
const NOTHING = -1;

/** Rules of how an 8259A is told that an interrupt is over, by its data sheet. */
export const PIC_EOI = {
  'pic/EOI-LEVEL': {
    where: '8259A, End of Interrupt',
    text: 'A driver MUST name a level that is in service in a specific EOI.',
    advice: 'Put the level into bits 2:0 of OCW2: IRQ 12 is level 4 of the slave and level 2 of the master.',
    on: 'ended',
    when: (k) => k.specific && k.inService !== 0,
    kept: (k) => (k.inService & (1 << k.level)) !== 0,
    said: (k) => `the EOI named level ${k.level} while ${levelsText(k)} was in service`,
  },
  'pic/EOI-IDLE': {
    where: '8259A, End of Interrupt',
    text: 'Write an EOI only while an interrupt is in service.',
    advice: 'Send one EOI for each interrupt taken, and to the slave only for IRQ 8 to 15.',
    on: 'ended',
    when: (k) => !k.spurious,
    kept: (k) => k.inService !== 0,
    said: () => 'an EOI came while nothing was in service',
  },
  'pic/SPURIOUS': {
    where: '8259A, Interrupt Sequence',
    text: 'A driver MUST NOT send an EOI to the chip that raised a spurious IRQ 7 or 15.',
    advice:
      'In the handlers of IRQ 7 and 15, read ISR (OCW3 = 0Bh): if bit 7 is clear, send no EOI to that chip; for IRQ 15, send one to the master.',
    on: ['ended', 'over'],
    when: (k) => k.spurious,
    kept: (k) => !k.eoi,
    said: (k) =>
      `a spurious interrupt was ended by an EOI, ${k.inService === 0 ? 'with nothing in service' : `which ended ${levelsText(k)}`}`,
  },
} as const satisfies Rules<EoiWatch>;

function levelsText({ inService }: EoiWatch): string {
  const levels = Array.from({ length: 8 }, (_, level) => level).filter((level) => (inService >> level) & 1);
  return `level ${levels.join(', ')}`;
}

/** Watches how a driver of one of the two 8259A of a PC ends interrupts. */
export class EoiWatch implements Pick<PicEvents, 'acknowledged' | 'ended'> {
  readonly subject: string;
  /** The level that an EOI ended, -1 for none; whether it named the level; and what was in service before. */
  level = NOTHING;
  specific = false;
  inService = 0;
  /** The last interrupt was spurious: it put no level in service. */
  spurious = false;
  /** The moment is an EOI. */
  eoi = false;
  /** `ended`: EOI is written. `over`: the interrupt before this is over. */
  private readonly on;

  constructor(subject: string, journal: Journal) {
    this.subject = subject;
    this.on = new Watch(journal, PIC_EOI).on;
  }

  /** The interrupt before is over: if it was spurious, no EOI was sent for it. */
  acknowledged(level: number): void {
    if (this.spurious) this.on.over.tell(this);
    this.spurious = level === NOTHING;
  }

  ended(level: number, specific: boolean, inService: number): void {
    this.level = level;
    this.specific = specific;
    this.inService = inService;
    this.eoi = true;
    this.on.ended.tell(this);
    this.eoi = this.spurious = false;
  }
}
