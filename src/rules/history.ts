import type { ClauseId } from './index.ts';

/** A minor version, and the clauses by which it judges. */
export type RuleSet = `${number}.${number}`;

/** The first set that was released. A clause that no later set names is of this one; a test has its list. */
export const FIRST: RuleSet = '0.2';

/** The clauses that came with each later version. A set that was released keeps its clauses. */
export const LATER: { readonly [Set in RuleSet]?: readonly ClauseId[] } = {};

/** A name that is a clause's no more. */
interface Retired {
  /** The first set that does not have it. */
  readonly until: RuleSet;
  /** The clause that took its place. Left out, none did. */
  readonly now?: ClauseId;
}

/** Clauses that went, and those that have another name now. */
export const RETIRED: { readonly [name: string]: Retired } = {
  'virtio/BALLOON-OP-D2': { until: '0.2', now: 'virtio/BALLOON-OP-D3' },
  'virtio/BALLOON-OP-D5': { until: '0.2', now: 'virtio/BALLOON-OP-D6' },
  'virtio/BALLOON-STAT-D8': { until: '0.2', now: 'virtio/BALLOON-STAT-D6' },
  'virtio/NET-IPSEC-D2': { until: '0.2' },
  'virtio/NET-IPSEC-D3': { until: '0.2' },
  'virtio/NET-IPSEC-D4': { until: '0.2' },
  'virtio/NET-IPSEC-D5': { until: '0.2' },
  'virtio/NET-IPSEC-D6': { until: '0.2' },
  'virtio/NET-IPSEC-D7': { until: '0.2' },
  'virtio/NET-IPSEC-D8': { until: '0.2' },
  'virtio/NET-TX-D35': { until: '0.2' },
  'virtio/NET-TX-D36': { until: '0.2' },
};
