import { BitSet } from '../../core/bit-set.ts';
import type { Journal } from '../../core/journal.ts';
import { QueueWatch } from '../../rules/virtio/queue/queue-watch.ts';
import { FEATURE } from '../registers.ts';
import type { InOrderRing, QueueHost } from './ring.ts';

/** For tests: watches a ring without a device, called `queue`. */
export function watchRing(ring: InOrderRing, host: QueueHost, journal: Journal): void {
  const accepted = new BitSet();
  if (host.eventIdx) accepted.add(FEATURE.EVENT_IDX);
  if (host.indirect) accepted.add(FEATURE.INDIRECT_DESC);
  if (host.inOrder) accepted.add(FEATURE.IN_ORDER);
  const watch = new QueueWatch(() => 'queue', journal, host.board.memory);
  watch.negotiated(accepted);
  ring.events = watch;
}
