import { needsOther } from './init/features.ts';
import { NET_DEPENDENCY_RULES } from './net/dependencies.ts';

/** Of a device of no type whose bit 1 rests on bit 0; any clause will do to say so. */
export const MIRROR_RULES = {
  'virtio/NET-FEAT-D1': {
    ...NET_DEPENDENCY_RULES['virtio/NET-FEAT-D1'],
    ...needsOther({ FIRST: 1, ZEROTH: 0 }, 'FIRST', ['ZEROTH']),
  },
};
