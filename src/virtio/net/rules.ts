import type { ClauseId } from '../../core/clause.ts';
import type { FeatureRule } from '../features/offers.ts';
import { NET_FEATURE_NEEDS } from './registers.ts';

/** In the order of the table. */
const CLAUSES: readonly ClauseId[] = [
  'virtio/NET-FEAT-D1',
  'virtio/NET-FEAT-D2',
  'virtio/NET-FEAT-D3',
  'virtio/NET-FEAT-D4',
  'virtio/NET-FEAT-D9',
  'virtio/NET-FEAT-D10',
  'virtio/NET-FEAT-D11',
  'virtio/NET-FEAT-D12',
  'virtio/NET-FEAT-D16',
  'virtio/NET-FEAT-D17',
  'virtio/NET-FEAT-D18',
  'virtio/NET-FEAT-D19',
  'virtio/NET-FEAT-D20',
];

/** Until the negotiation is judged elsewhere: which feature rests on which, with the clause that says so. */
export const NET_FEATURE_RULES: readonly FeatureRule<ClauseId>[] = NET_FEATURE_NEEDS.map((rule, i) => ({
  ...rule,
  clause: CLAUSES[i]!,
}));
