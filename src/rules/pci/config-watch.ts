import { bdfText } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import type { ConfigEvents } from '../../pci/events.ts';
import { CONFIG, type ConfigKnows, type ConfigMoment } from './config.ts';

const NOBODY = -1;

/**
 * Watches whoever scans the bus. `nameOf` says in words who is at an address of the bus.
 *
 * @example
 * mechanism.events = new ConfigWatch((bdf) => bus.at(bdf)!.subject, journal);
 */
export class ConfigWatch implements ConfigEvents, ConfigKnows {
  confadd = 0;
  several = false;
  private bdf = NOBODY;
  private readonly nameOf: (bdf: number) => string;
  private readonly onAddressed;
  private readonly onLooked;

  constructor(nameOf: (bdf: number) => string, journal: Journal) {
    this.nameOf = nameOf;
    const watch = new Watch<ConfigKnows, ConfigMoment>(journal, CONFIG);
    this.onAddressed = watch.at('addressed');
    this.onLooked = watch.at('looked');
  }

  get subject(): string {
    return this.bdf === NOBODY ? 'CONFADD' : bdfText(this.bdf);
  }

  get first(): string {
    return this.nameOf(this.bdf & ~7);
  }

  addressed(confadd: number): void {
    this.confadd = confadd;
    this.bdf = NOBODY;
    this.onAddressed.tell(this);
  }

  lookedAt(bdf: number, several: boolean): void {
    this.bdf = bdf;
    this.several = several;
    this.onLooked.tell(this);
  }
}
