import { PIRQRC } from '../../chipset/registers/piix4-isa.ts';
import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

const { DISABLE } = PIRQRC[0]!.mask;

/** What the rules know of the PCI interrupt router. */
export interface RouterKnows extends Knows {
  readonly control: number;
  /** The IRQ that the link drives now, or null. */
  readonly irq: number | null;
}

/** Rules of the PIIX4's interrupt router. */
export const ROUTER = {
  'pirq/RESERVED': {
    strength: 'MUST NOT',
    where: '82371AB, PIRQRC[A:D]',
    text: 'No PCI interrupt is routed to a reserved line',
    advice: 'Route to IRQ 3 to 7, 9 to 12, 14 or 15, or set bit 7: 0, 1, 2, 8 and 13 belong to the board.',
    on: 'routed',
    when: (k) => (k.control & DISABLE) === 0,
    kept: (k) => k.irq !== null,
    said: (k) => `PIRQRC = ${hex(k.control, 2)} routes the link to no line`,
  },
} as const satisfies Rules<RouterKnows, 'routed'>;
