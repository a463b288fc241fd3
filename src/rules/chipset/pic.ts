import { ICW1, ICW4 } from '../../chipset/registers/pic.ts';
import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

/** What the rules know of an 8259A. */
export interface PicKnows extends Knows {
  /** The ICW3 that describes the board: 04 for a master with a slave on IR2, 02 for that slave. */
  readonly wiring: number;
  /** Inputs that a slave is wired to. */
  readonly cascade: number;
  readonly ocw1: number;
  readonly icw1: number;
  readonly icw3: number;
  readonly icw4: number;
}

/** What the rules know of an interrupt that was taken. */
export interface InterruptKnows extends Knows {
  readonly vector: number;
  /** It led to a handler of the firmware. */
  readonly firmwares: boolean;
  readonly ended: boolean;
}

/** Rules of an 8259A, by its data sheet. */
export const PIC = {
  'pic/INIT': {
    strength: 'MUST',
    where: '8259A, Initialization Command Words',
    text: 'An interrupt controller is initialised by ICW1 to ICW4 before a line is unmasked',
    advice: 'Write ICW1 = 11h, the vector base, the cascade and ICW4 = 01h to each 8259A first.',
    on: 'masked',
    // Opening the cascade alone lets nothing through: a probe for the chip does it.
    when: (k) => (~k.ocw1 & 0xff & ~k.cascade) !== 0,
    kept: (k) => faultOf(k) === null,
    said: (k) => `OCW1 = ${hex(k.ocw1, 2)} unmasks a line ${faultOf(k)}`,
  },
} as const satisfies Rules<PicKnows, 'masked'>;

/** Rules for whoever serves interrupts. */
export const INTERRUPT = {
  'pic/VECTOR': {
    strength: 'NOTE',
    where: '8259A, ICW2',
    text: "Interrupts are taken only when the 8259A pair was masked or given vectors of the guest's own",
    advice:
      'Before STI write FFh to ports 21h and A1h, or initialise both 8259A with vectors from 20h on: a BIOS leaves the timer open on vector 08h, which is the double fault of protected mode.',
    on: 'taken',
    kept: (k) => !k.firmwares,
    said: (k) =>
      `vector ${hex(k.vector, 2)} led to the firmware's handler, which a kernel of its own does not have`,
    once: true,
  },
  'pic/EOI': {
    strength: 'MUST',
    where: '8259A, End of Interrupt',
    text: 'Every interrupt taken is ended by EOI before its handler returns',
    advice: 'Write 20h to port 20h, and for IRQ 8 to 15 to port A0h before it.',
    on: 'returned',
    kept: (k) => k.ended,
    said: () => 'its handler returned without an EOI',
  },
} as const satisfies Rules<InterruptKnows, 'taken' | 'returned'>;

function faultOf({ icw1, icw3, icw4, wiring }: PicKnows): string | null {
  if ((icw1 & ICW1.mask.ICW1) === 0) return 'before ICW1';
  if ((icw4 & ICW4.mask.uPM) === 0) return 'though ICW4 did not select 8086 mode';
  if ((icw1 & ICW1.mask.SNGL) !== 0) return 'though ICW1 denied the cascade';
  if (icw3 === wiring) return null;
  return `though ICW3 = ${hex(icw3, 2)} and the board is wired as ${hex(wiring, 2)}`;
}
