import type { LineEvents } from '../../chipset/events.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Longest time between two interrupts whose handler only sends an EOI. A handler that does more takes longer. */
const AT_ONCE: Nanos = 10_000;

/** More calls in vain than a handler gets that shares its line with another. */
export const STORM = 100;

/** Rules of interrupt lines. */
export const LINES = {
  'live/LINE-SERVED': {
    where: '8259A, Level Triggered Mode; PCI 3.0, Interrupt Pins',
    text: 'A driver MUST have the device lower its line before ending the interrupt.',
    advice:
      'Ask every function on the line first: a virtio function lowers INTx when its ISR status is read, an NVMe controller when heads say that all entries were taken. Only then write the EOI.',
    on: 'taken',
    kept: (k) => k.times < STORM,
    said: (k) =>
      `vector ${hex(k.vector, 2)} was taken ${STORM} times in a row, but the driver did not make the device lower IRQ ${k.irq}`,
    once: true,
  },
} as const satisfies Rules<LineWatch>;

/** Rules of waiting. */
export const WAITING = {
  'live/BUSY-WAIT': {
    where: 'guestrig, MachineOptions.patience',
    text: 'Do not busy-wait by reading one register thousands of times.',
    advice:
      'Wait for the interrupt, or poll the used ring: each register read leaves the virtual machine and takes as long as thousands of instructions.',
    on: 'ended',
    when: (k) => k.waited,
    kept: (k) => k.reads === 0,
    said: (k) => `${k.reads.toLocaleString('en')} reads in a row brought nothing new: ${k.who}`,
  },
} as const satisfies Rules<BusyWatch>;

/**
 * Watches whether lines that interrupt the guest are served.
 *
 * @example
 * interrupts.events = new LineWatch(journal);
 */
export class LineWatch implements LineEvents {
  irq = 0;
  vector = 0;
  /** Times that it was taken in immediate succession while the line stayed up. */
  times = 0;
  private at: Nanos = 0;
  private readonly journal: Journal;
  private readonly watch;
  private readonly on;

  constructor(journal: Journal) {
    this.journal = journal;
    this.watch = new Watch(journal, LINES);
    this.on = this.watch.on;
  }

  get subject(): string {
    return `IRQ ${this.irq}`;
  }

  taken(irq: number, vector: number, again: boolean): void {
    const { now } = this.journal;
    this.times = again && now - this.at <= AT_ONCE ? this.times + 1 : 0;
    this.at = now;
    this.irq = irq;
    this.vector = vector;
    this.on.taken.tell(this);
  }

  /** Rules with `once` tell once a boot. */
  reset(): void {
    this.watch.forget();
  }
}

/**
 * Watches whether the guest waits by polling registers.
 *
 * @example
 * const busy = new BusyWatch(journal, () => true);
 * busy.asked(10_000, 'port c052: net0 Device Status → 07');
 */
export class BusyWatch {
  readonly subject = 'the guest';
  /** Reads in a row that brought nothing new; 0 where there were few. */
  reads = 0;
  /** What was read, and what it held: `port c052: net0 Device Status → 07`. */
  who = '';
  private readonly hasWaited: () => boolean;
  private readonly on;

  /** @param hasWaited whether the guest ever waited for a register. */
  constructor(journal: Journal, hasWaited: () => boolean) {
    this.hasWaited = hasWaited;
    this.on = new Watch(journal, WAITING).on;
    journal.atEnd(() => this.on.ended.tell(this));
  }

  /** It waited for a register, for however short a time. */
  get waited(): boolean {
    return this.hasWaited();
  }

  /** `reads` reads in a row of `who` brought nothing new. */
  asked(reads: number, who: string): void {
    this.reads = reads;
    this.who = who;
    this.on.ended.tell(this);
    this.reads = 0;
  }
}
