import type { Rules } from '../../core/rule.ts';
import type { FeatureKnows } from './init/features.ts';
import { NET_FEATURE_RULES } from './net/features.ts';

const [ZEROTH, FIRST] = [0, 1];

/** Feature rules of a made-up device type whose bit 1 needs bit 0, under the name of any clause. */
export const MIRROR_RULES = {
  'virtio/NET-FEAT-D1': {
    ...NET_FEATURE_RULES['virtio/NET-FEAT-D1'],
    when: ({ wanted }) => wanted.has(FIRST),
    kept: ({ wanted }) => wanted.has(ZEROTH),
    said: () => 'FIRST (1) was accepted without ZEROTH (0)',
  },
} satisfies Rules<FeatureKnows, 'agreed'>;
