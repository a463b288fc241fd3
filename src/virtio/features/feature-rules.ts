import type { BitSet } from '../../core/bit-set.ts';
import type { ClauseId } from '../../core/clause.ts';
import type { Journal } from '../../core/journal.ts';
import type { InitRules } from '../init-rules.ts';
import { FEATURE } from '../registers.ts';

const TAKE_WHEN_OFFERED: readonly (readonly [keyof typeof FEATURE, ClauseId])[] = [
  ['VERSION_1', 'virtio/RFEAT-D1'],
  ['ACCESS_PLATFORM', 'virtio/RFEAT-D2'],
  ['RING_PACKED', 'virtio/RFEAT-D5'],
  ['ORDER_PLATFORM', 'virtio/RFEAT-D6'],
  ['NOTIF_CONFIG_DATA', 'virtio/RFEAT-D10'],
];

/** What is negotiated, and who watches. */
export interface Negotiation {
  readonly board: { readonly journal: Journal };
  readonly subject: string;
  readonly offered: BitSet;
  readonly accepted: BitSet;
  readonly init: InitRules;
}

/**
 * When a driver of the modern interface closes the negotiation: what it owes the device-independent bits, and whether
 * the device goes along with what was accepted; a legacy one has no way to refuse.
 *
 * @param requested as the driver wrote them, those that were not offered included.
 */
export function featuresFit(negotiation: Negotiation, requested: BitSet): boolean {
  const { accepted, init } = negotiation;
  const broken = checkModernFeatures(negotiation);
  init.checkBaits();
  const needs = init.dependenciesKept() || init.goesAlong('needs');
  const offeredOnly = requested.words.every((word, i) => word === accepted.words[i]);
  return (
    needs &&
    (offeredOnly || init.goesAlong('virtio/FEAT-D1')) &&
    broken.every((clause) => init.goesAlong(clause))
  );
}

/** The clauses that were broken. */
function checkModernFeatures({ board: { journal }, subject, offered, accepted }: Negotiation): ClauseId[] {
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
