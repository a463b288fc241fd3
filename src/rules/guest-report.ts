import type { Journal } from '../core/journal.ts';
import { GceWatch } from './gce/gce.ts';
import { HardWatch } from './hard.ts';
import { EnumerationWatch } from './pci/enumeration.ts';
import { BringUpWatch } from './virtio/discovery/bring-up.ts';
import { DiscoveryWatch } from './virtio/discovery/discovery.ts';
import { DeliveryWatch } from './virtio/net/deliveries.ts';
import { LengthWatch } from './virtio/queue/lengths.ts';

type First<Method extends (...given: never[]) => void> = Parameters<Method>[0];

/** Reports that no device can see: what a guest found and did with it. Plain data, by the rules that they are for. */
export type GuestReport =
  | { readonly of: 'gce'; readonly what: First<GceWatch['probed']> }
  | { readonly of: 'enumeration'; readonly what: Enumerated }
  | { readonly of: 'discovery'; readonly what: First<DiscoveryWatch['scanned']> }
  | { readonly of: 'bring-up'; readonly what: First<BringUpWatch['attached']> & { readonly subject: string } }
  | { readonly of: 'delivery'; readonly what: First<DeliveryWatch['received']> }
  | { readonly of: 'lengths'; readonly what: First<LengthWatch['moved']> }
  | { readonly of: 'hard'; readonly what: First<HardWatch['told']> };

interface Enumerated {
  readonly found: Parameters<EnumerationWatch['enumerated']>[0];
  readonly plugged: Parameters<EnumerationWatch['enumerated']>[1];
}

/** Has rules judge a report on a guest, and passes it to `journal.onReport`, which records the run. */
export function judgeReport(journal: Journal, told: GuestReport): void {
  journal.onReport?.(told);
  switch (told.of) {
    case 'gce':
      new GceWatch(journal).probed(told.what);
      return;
    case 'enumeration':
      new EnumerationWatch(journal).enumerated(told.what.found, told.what.plugged);
      return;
    case 'discovery':
      new DiscoveryWatch(journal).scanned(told.what);
      return;
    case 'bring-up': {
      const { subject, ...how } = told.what;
      new BringUpWatch(subject, journal).attached(how);
      return;
    }
    case 'delivery':
      new DeliveryWatch(journal).received(told.what);
      return;
    case 'lengths':
      new LengthWatch(journal).moved(told.what);
      return;
    case 'hard':
      new HardWatch(journal).told(told.what);
      return;
  }
}
