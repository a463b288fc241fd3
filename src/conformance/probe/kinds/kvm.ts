import { hex } from '../../../core/bits.ts';
import type { KvmFacts } from '../../../guest/index.ts';
import { FEATURES } from '../../../kvm/registers.ts';
import type { ProbedKind } from './kind.ts';

export const kvmKind = {
  rows: (seen) =>
    seen.map(({ features, tscKHz }) => [
      'kvm',
      `features ${hex(features, 8)}`,
      `TSC ${(tscKHz / 1000).toFixed(3)} MHz, ${FEATURES.format(features)}`,
    ]),
  json: (seen: readonly KvmFacts[]) => ({ kvm: seen.map(({ features, tscKHz }) => ({ features, tscKHz })) }),
} satisfies ProbedKind<'kvm', KvmFacts>;
