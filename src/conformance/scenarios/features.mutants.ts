import type { NetFeatureName, NicDriver } from '../../guest/index.ts';
import { virtioNet } from '../../guest/index.ts';
import { FRAME } from '../reference.ts';
import { type StatelessMutant, stateless } from './rig.ts';

const MILLISECOND = 1_000_000;

type Taken = (name: NetFeatureName) => boolean;

/** Gives up on a set of features for which it was not written. */
function failsWith(
  scenario: string,
  name: string,
  unforeseen: (took: Taken, count: number) => boolean,
): StatelessMutant {
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

/** Takes a received buffer for one of several. */
const lostWithoutMerging: StatelessMutant = {
  scenario: 'a network card that merges no buffers',
  also: [
    'devices without one of their features, each in turn',
    'devices with one feature alone, each in turn',
    'devices with some of their features, as chance has it',
  ],
  model: {
    name: 'takes it that any frame may go on in another buffer',
    drivers: [virtioNet({ interrupts: 'polled' })],
    run: (_port, handles) => {
      const nic = handles[0] as NicDriver;
      nic.send(FRAME);
      const merges = nic.features.includes('MRG_RXBUF');
      if (nic.receiveWithin(MILLISECOND) !== null && !merges) throw new Error('not written for such a card');
    },
  },
};

export const MUTANTS = stateless([
  lostWithoutMerging,
  failsWith(
    'devices without one of their features, each in turn',
    'assumes CSUM from STATUS, MAC and CTRL_VQ',
    (took) => took('STATUS') && took('MAC') && took('CTRL_VQ') && !took('CSUM'),
  ),
  failsWith(
    'devices with one feature alone, each in turn',
    'takes it that no card has STATUS alone',
    (took, count) => took('STATUS') && count === 1,
  ),
  failsWith(
    'devices with some of their features, as chance has it',
    'assumes from two missing features that all but two are missing',
    (took, count) => count > 2 && !took('MAC') && !took('CTRL_VQ'),
  ),
]);
