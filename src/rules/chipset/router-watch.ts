import type { RouterEvents } from '../../chipset/events.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { ROUTER, type RouterKnows } from './router.ts';

/**
 * Watches whoever routes PCI interrupts.
 *
 * @example
 * isa.router = new RouterWatch(journal);
 */
export class RouterWatch implements RouterEvents, RouterKnows {
  control = 0;
  irq: number | null = null;
  private link = 0;
  private readonly onRouted;

  constructor(journal: Journal) {
    this.onRouted = new Watch<RouterKnows, 'routed'>(journal, ROUTER).at('routed');
  }

  get subject(): string {
    return `PIRQ${'ABCD'[this.link]}`;
  }

  routed(link: number, control: number, irq: number | null): void {
    this.link = link;
    this.control = control;
    this.irq = irq;
    this.onRouted.tell(this);
  }
}
