import { compose } from '../../core/compose.ts';
import type { Journal } from '../../core/journal.ts';
import { NVME_EVENTS, type NvmeEvents } from '../../nvme/events.ts';
import { BringUpWatch } from './bring-up.ts';
import { CommandWatch } from './command-watch.ts';
import { CompletionWatch } from './completions.ts';
import { DoorbellWatch } from './doorbells.ts';
import type { NvmeFacts } from './facts.ts';
import { LentToController } from './lent-watch.ts';
import { OutstandingWatch } from './outstanding.ts';
import { QueueMemoryWatch } from './queue-memory.ts';
import { RetryWatch } from './retries.ts';

/** Judges a driver of an NVMe controller. */
export function judgeNvme(facts: NvmeFacts, journal: Journal): NvmeEvents {
  return compose<NvmeEvents>(NVME_EVENTS, [
    new BringUpWatch(facts, journal),
    new DoorbellWatch(facts, journal),
    new CommandWatch(facts, journal),
    new QueueMemoryWatch(facts, journal),
    new OutstandingWatch(facts, journal),
    new CompletionWatch(facts, journal),
    new RetryWatch(facts, journal),
    ...(facts.stores === null ? [] : [new LentToController(facts, facts.stores.allocations, journal)]),
  ]);
}
