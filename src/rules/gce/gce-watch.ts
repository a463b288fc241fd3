import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import type { GceFacts } from './facts.ts';
import { GCE } from './gce.ts';
import type { GceKnows, GceMoment } from './requirement.ts';

/**
 * Holds what a guest found against the Compute Engine document.
 *
 * @example
 * new GceWatch(journal).probed({ seen: gather(machine, errand), machine: trueMachine });
 */
export class GceWatch {
  private readonly onProbed;

  constructor(journal: Journal) {
    this.onProbed = new Watch<GceKnows, GceMoment>(journal, GCE).at('probed');
  }

  /** A guest used every part. */
  probed(facts: GceFacts): void {
    this.onProbed.tell({ ...facts, subject: facts.machine.profile });
  }
}
