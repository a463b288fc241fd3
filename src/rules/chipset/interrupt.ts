import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

/** What the rules know of an interrupt that was taken. */
export interface InterruptKnows extends Knows {
  readonly vector: number;
  /** The edge-triggered line that it came by, -1 for none, and whether it stayed up for long afterwards. */
  readonly edge: number;
  readonly stuck: boolean;
  /** It led to a handler of the firmware. */
  readonly firmwares: boolean;
  readonly ended: boolean;
}

/** `stuck`: the line of an interrupt that was served long ago is still up. */
export type InterruptMoment = 'taken' | 'returned' | 'stuck';

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
    follows: ['pic/EOI-LEVEL'],
  },
  'pic/EDGE': {
    strength: 'MUST',
    where: '8259A, Edge and Level Triggered Modes',
    text: 'The handler of an edge-triggered line serves its device until the line falls',
    advice:
      'Go on until the device has nothing left, as IIR of a UART says: while the line is up there is no further edge, and no further interrupt.',
    on: ['returned', 'stuck'],
    when: (k) => k.edge >= 0,
    kept: (k) => !k.stuck,
    said: (k) => `IRQ ${k.edge} stayed up after its handler had returned: no further interrupt comes by it`,
  },
} as const satisfies Rules<InterruptKnows, InterruptMoment>;
