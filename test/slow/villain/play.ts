import { type BareRing, bareDriver } from '../../../src/conformance/broken/rings/bare-ring.ts';
import { clausesBroken } from '../../../src/conformance/proofs.ts';
import { gceN1, type MachineOptions } from '../../../src/index.ts';
import { FEATURE } from '../../../src/virtio/registers.ts';

export type Ring = BareRing;
type RingFeature = NonNullable<MachineOptions['ringFeatures']>[number];

/** What is done with a ring of eight that an entropy device has, which takes a millisecond for each buffer. */
export interface Play {
  readonly features?: readonly RingFeature[];
  readonly act: (ring: Ring) => void;
}

export const SIZE = 8;
export const BYTES = 64;
const LATE = 1_000_000;
export const RAM = 32 << 20;

/** The clauses that it breaks. */
export function breaks(name: string, { features = [], act }: Play): readonly string[] {
  const use = { size: SIZE, features: features.map((feature) => FEATURE[feature]) };
  const machine = () =>
    gceN1({
      virtio: 'modern',
      rng: true,
      ringFeatures: [...features],
      completion: { latency: LATE },
      memory: { below4G: RAM },
    });
  const model = { name, drivers: [bareDriver(name, use, act)], run: () => {} };
  return clausesBroken({ clause: 'virtio/VQ-IMP-3', model, machine });
}
