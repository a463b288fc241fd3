import type { NetFeatureName } from '../../src/guest/index.ts';
import { virtioNet } from '../../src/guest/index.ts';
import type { Mistaken } from './rig.ts';

type Taken = (name: NetFeatureName) => boolean;

/** Gives up where it meets a set of features for which it was not written. */
function failsWith(
  scenario: string,
  name: string,
  unforeseen: (took: Taken, count: number) => boolean,
): Mistaken {
  const good = virtioNet({ interrupts: 'polled' });
  return {
    scenario,
    model: {
      name,
      drivers: [
        {
          ...good,
          attach: (port, bdf) => {
            const nic = good.attach(port, bdf);
            if (unforeseen((feature) => nic.features.includes(feature), nic.features.length))
              throw new Error('not written for such a card');
            return nic;
          },
        },
      ],
    },
  };
}

export const FEATURE_MISTAKES: readonly Mistaken[] = [
  failsWith('a NIC that spreads a frame over several buffers', 'puts no buffers together', (took) =>
    took('MRG_RXBUF'),
  ),
  failsWith(
    'devices without one of their features, each in turn',
    'takes it that who has STATUS, MAC and CTRL_VQ has CSUM',
    (took) => took('STATUS') && took('MAC') && took('CTRL_VQ') && !took('CSUM'),
  ),
  failsWith(
    'devices with one feature alone, each in turn',
    'takes it that no card has STATUS alone',
    (took, count) => took('STATUS') && count === 1,
  ),
  failsWith(
    'devices with some of their features, as chance has it',
    'takes it that who lacks two features lacks all but two',
    (took, count) => count > 2 && !took('MAC') && !took('STATUS'),
  ),
];
