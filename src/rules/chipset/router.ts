import type { RouterEvents } from '../../chipset/events.ts';
import { PIRQRC } from '../../chipset/registers/piix4-isa.ts';
import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

const { DISABLE } = PIRQRC[0]!.mask;

/** Rules of the PIIX4's interrupt router. */
export const ROUTER = {
  'pirq/RESERVED': {
    where: '82371AB, PIRQRC[A:D]',
    text: 'A driver MUST NOT route a PCI interrupt to a reserved line.',
    advice: 'Route to IRQ 3 to 7, 9 to 12, 14 or 15, or set bit 7: 0, 1, 2, 8 and 13 belong to the board.',
    on: 'routed',
    when: (k) => (k.control & DISABLE) === 0,
    kept: (k) => k.irq !== null,
    said: (k) => `PIRQRC = ${hex(k.control, 2)} routes the link to no line`,
  },
} as const satisfies Rules<RouterWatch>;

/**
 * Watches a driver that routes PCI interrupts.
 *
 * @example
 * isa.router = new RouterWatch(journal);
 */
export class RouterWatch implements RouterEvents {
  control = 0;
  /** The IRQ that the link drives now, or null. */
  irq: number | null = null;
  private link = 0;
  private readonly on;

  constructor(journal: Journal) {
    this.on = new Watch(journal, ROUTER).on;
  }

  get subject(): string {
    return `PIRQ${'ABCD'[this.link]}`;
  }

  routed(link: number, control: number, irq: number | null): void {
    this.link = link;
    this.control = control;
    this.irq = irq;
    this.on.routed.tell(this);
  }
}
