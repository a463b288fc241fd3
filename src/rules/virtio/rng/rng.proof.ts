import { VIRTIO_ID } from '../../../virtio/registers.ts';
import type { RngEvents } from '../../../virtio/rng/events.ts';
import { scripts } from '../../script.proof.ts';
import { factsOfNobody } from '../facts.proof.ts';
import { judgeRng, type RNG } from './rng.ts';

export const RNG_PROOFS = scripts<RngEvents, keyof typeof RNG>(
  (journal) => judgeRng(factsOfNobody('rng0', VIRTIO_ID.rng, [16]), journal),
  {
    'virtio/RNG-OP-D1': {
      breaks: (rng) => rng.asked(8, 32),
      keeps: (rng) => rng.asked(0, 32),
    },
  },
);
