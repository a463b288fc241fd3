import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

/** What the rules know of a line whose interrupt was taken. */
export interface LineKnows extends Knows {
  readonly irq: number;
  readonly vector: number;
  /** So often it was taken, one time right after the other, and the line was up all the while. */
  readonly times: number;
}

/** What the rules know of a guest that asks the same again and again. */
export interface BusyKnows extends Knows {
  /** It waited for a register, be it for long or not. */
  readonly waited: boolean;
  /** Reads in a row that brought nothing new; 0 where there were few. */
  readonly reads: number;
  /** Who answered, and with what. */
  readonly who: string;
}

/** So often no handler is called in vain that has another one to wait for. */
export const STORM = 100;

/** Rules of interrupt lines. */
export const LINES = {
  'live/LINE-SERVED': {
    strength: 'MUST',
    where: '8259A, Level Triggered Mode; PCI 3.0, Interrupt Pins',
    text: 'A handler has the device lower its line before it ends the interrupt',
    advice:
      'Ask every function on the line first: a virtio function lowers INTx when its ISR status is read. Only then write the EOI.',
    on: 'taken',
    kept: (k) => k.times < STORM,
    said: (k) =>
      `vector ${hex(k.vector, 2)} was taken ${STORM} times on end, and nobody had the device lower IRQ ${k.irq}`,
    once: true,
  },
} as const satisfies Rules<LineKnows, 'taken'>;

/** Rules of waiting. */
export const WAITING = {
  'live/BUSY-WAIT': {
    strength: 'NOTE',
    where: 'guestrig, MachineOptions.patience',
    text: 'Nobody waits by reading a register some thousand times on end',
    advice:
      'Wait for the interrupt, or look into the used ring: each read of a register leaves the virtual machine and takes as long as thousands of instructions.',
    on: 'ended',
    // Who walks a list that has no end waits for its end.
    follows: ['pci/CAPABILITY-LOOP'],
    when: (k) => k.waited,
    kept: (k) => k.reads === 0,
    said: (k) => `${k.reads.toLocaleString('en')} reads in a row brought nothing new: ${k.who}`,
  },
} as const satisfies Rules<BusyKnows, 'ended'>;
