import type { ClauseId } from '../core/clause.ts';
import type { Journal } from '../core/journal.ts';
import type { FeatureSet } from './features.ts';
import { FEATURE } from './registers.ts';

const TAKE_WHEN_OFFERED: readonly (readonly [keyof typeof FEATURE, ClauseId])[] = [
  ['VERSION_1', 'virtio/RFEAT-D1'],
  ['ACCESS_PLATFORM', 'virtio/RFEAT-D2'],
  ['RING_PACKED', 'virtio/RFEAT-D5'],
  ['ORDER_PLATFORM', 'virtio/RFEAT-D6'],
  ['NOTIF_CONFIG_DATA', 'virtio/RFEAT-D10'],
];

/**
 * What a driver of the modern interface owes the device-independent bits, when it closes the negotiation.
 *
 * @returns the clauses that it broke.
 */
export function checkModernFeatures(
  journal: Journal,
  subject: string,
  offered: FeatureSet,
  accepted: FeatureSet,
): ClauseId[] {
  const broken: ClauseId[] = [];
  for (const [name, clause] of TAKE_WHEN_OFFERED) {
    if (!offered.has(FEATURE[name])) continue;
    journal.met(clause);
    if (accepted.has(FEATURE[name])) continue;
    broken.push(clause);
    journal.report(clause, subject, `${name} was offered and not accepted`);
  }
  if (!offered.has(FEATURE.SR_IOV)) return broken;
  // None of our functions has the capability, so the offer is a bait.
  journal.met('virtio/RFEAT-D8');
  if (accepted.has(FEATURE.SR_IOV)) journal.report('virtio/RFEAT-D8', subject, 'SR_IOV was accepted');
  return broken;
}
