import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import {
  DISCOVERY_RULES,
  type DiscoveryKnows,
  type DiscoveryMoment,
  type LookAlike,
  type VirtioFound,
} from './discovery.ts';

/** What came of asking drivers for functions. */
interface Scanned {
  readonly functions: readonly VirtioFound[];
  /** Those that are none, and look like one. */
  readonly strangers: readonly LookAlike[];
  /** Functions that they took, of any vendor. */
  readonly taken: number;
  /** Some driver knows a virtio type by one of its Device IDs, be it here or not. */
  readonly known: boolean;
}

/**
 * Holds which functions drivers take against which they are for.
 *
 * @example
 * new DiscoveryWatch(journal).scanned({ functions, strangers: [], taken: 2, known: true });
 */
export class DiscoveryWatch implements DiscoveryKnows {
  fn: VirtioFound = NOBODY;
  stranger: LookAlike = NO_STRANGER;
  taken = 0;
  all = 0;
  known = false;
  private readonly onPresented;
  private readonly onStrange;
  private readonly onScanned;

  constructor(journal: Journal) {
    const watch = new Watch<DiscoveryKnows, DiscoveryMoment>(journal, DISCOVERY_RULES);
    this.onPresented = watch.at('presented');
    this.onStrange = watch.at('strange');
    this.onScanned = watch.at('scanned');
  }

  get subject(): string {
    return this.fn.subject || this.stranger.subject || 'the bus';
  }

  scanned({ functions, strangers, taken, known }: Scanned): void {
    for (const fn of functions) {
      this.fn = fn;
      this.onPresented.tell(this);
    }
    this.fn = NOBODY;
    for (const stranger of strangers) {
      this.stranger = stranger;
      this.onStrange.tell(this);
    }
    this.stranger = NO_STRANGER;
    this.taken = taken;
    this.all = functions.length;
    this.known = known;
    this.onScanned.tell(this);
  }
}

const NOBODY: VirtioFound = {
  subject: '',
  device: 0,
  transitional: false,
  byModernId: false,
  byTransitionalId: false,
  refused: [],
};
const NO_STRANGER: LookAlike = { subject: '', vendor: 0, device: 0, taken: false };
