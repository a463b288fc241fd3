import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { GvnicEvents } from '../../gvnic/events.ts';
import type { MadeQueue } from './card-state.ts';
import type { CommandWatch } from './command-watch.ts';
import { SOURCE } from './facts.ts';
import type { Looks } from './looks.ts';

/** Longer than a driver that took all its frames takes to give a buffer back. */
export const PATIENCE: Nanos = 100_000_000;
const MILLISECOND = 1_000_000;

/** Rules of receive queues that a driver keeps stocked, checked at the end of a queue or of the run. */
export const GVNIC_STOCK = {
  'gvnic/RX-STOCK': {
    where: SOURCE,
    text: 'A driver SHOULD keep every receive queue stocked with buffers.',
    advice:
      'Fill the ring and write its doorbell once the queue is made. Give each buffer back, and write the doorbell again, once its frame was taken.',
    on: 'ended',
    kept: (k) => k.isStocked && k.dry <= PATIENCE,
    said: (k) =>
      k.isStocked
        ? `receive queue ${k.queue} has had too few buffers for a frame for ${Math.floor(k.dry / MILLISECOND)} ms, though all that came were looked at`
        : `a frame came for receive queue ${k.queue}, and no buffer was ever given to it`,
    follows: ['gvnic/RX-COUNT', 'gvnic/RX-TAIL', 'gvnic/RX-SLOT'],
  },
} as const satisfies Rules<StockWatch>;

/** A receive queue for which a frame came. */
interface Stock {
  readonly made: MadeQueue;
  isStocked: boolean;
  /** When there were too few buffers for a frame, and none came since; null is never. */
  dryAt: Nanos | null;
  /** When the last frame was put into it. */
  filledAt: Nanos;
}

/** Judges, at the end of a queue or of the run, whether receive queues were kept stocked. */
export class StockWatch implements Partial<GvnicEvents> {
  queue = 0;
  isStocked = false;
  /** How long there have been too few buffers for a frame; 0 while it is not known whether the driver knows. */
  dry: Nanos = 0;
  private readonly stocks = new Map<number, Stock>();
  private readonly commands: CommandWatch;
  private readonly looks: Looks | null;
  private readonly journal: Journal;
  private readonly on;

  constructor(commands: CommandWatch, looks: Looks | null, journal: Journal) {
    this.commands = commands;
    this.looks = looks;
    this.journal = journal;
    this.on = new Watch(journal, GVNIC_STOCK).on;
    journal.atEnd(() => {
      for (const [queue, stock] of this.stocks) this.judge(queue, stock);
    });
  }

  get subject(): string {
    return this.commands.subject;
  }

  starved(queue: number): void {
    const stock = this.of(queue, false);
    if (stock !== null) stock.dryAt ??= this.journal.now;
  }

  received(queue: number): void {
    this.stocked(queue);
    const stock = this.stocks.get(queue);
    if (stock !== undefined) stock.filledAt = this.journal.now;
  }

  receiveRung(queue: number, outstanding: number): void {
    if (outstanding > 0) this.stocked(queue);
  }

  buffersRung(queue: number, _tail: number, outstanding: number): void {
    if (outstanding > 0) this.stocked(queue);
  }

  private stocked(queue: number): void {
    const stock = this.of(queue, true);
    if (stock === null) return;
    stock.isStocked = true;
    stock.dryAt = null;
  }

  /** @returns null where there is no such queue. */
  private of(queue: number, isStocked: boolean): Stock | null {
    const made = this.commands.state.receive.get(queue);
    if (made === undefined) return null;
    const known = this.stocks.get(queue);
    if (known?.made === made) return known;
    const stock = { made, isStocked, dryAt: null, filledAt: 0 };
    this.stocks.set(queue, stock);
    return stock;
  }

  answered(): void {
    this.sweep();
  }

  replied(): void {
    this.sweep();
  }

  reset(): void {
    this.sweep();
  }

  /** Queues come and go. */
  private sweep(): void {
    for (const [queue, stock] of this.stocks) {
      if (this.commands.state.receive.get(queue) === stock.made) continue;
      this.stocks.delete(queue);
      this.judge(queue, stock);
    }
  }

  private judge(queue: number, { isStocked, dryAt, filledAt }: Stock): void {
    this.queue = queue;
    this.isStocked = isStocked;
    this.dry = dryAt !== null && this.hasLooked(queue, filledAt) ? this.journal.now - dryAt : 0;
    this.on.ended.tell(this);
  }

  /** Where loads are not seen, a driver may not know of its frames. */
  private hasLooked(queue: number, since: Nanos): boolean {
    return this.looks?.isSeen === true && this.looks.lookedAt(`receive queue ${queue}`) >= since;
  }
}
