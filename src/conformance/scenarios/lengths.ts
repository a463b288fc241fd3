import type { MachineOptions } from '../../machine/options.ts';
import { moveByOddLengths, sendByOddLengths } from './odd-lengths.ts';
import { plain, type SuiteScenario } from './scenario.ts';

/** Entries of a ring, so few that a lost buffer is noticed. */
const FEW = 16;
const isShown = ({ virtio = 'legacy' }: MachineOptions): boolean => virtio !== 'modern';

function odd(base: MachineOptions): MachineOptions {
  const { nics = [], ...rest } = plain(base);
  return {
    ...rest,
    nics: nics.map((nic) => ({ ...nic, ringSize: FEW })),
    completion: { oddLengths: true },
  };
}

/** Lengths that a legacy device may return for what it wrote. */
export const LENGTHS: readonly SuiteScenario[] = [
  {
    name: 'a legacy card that says anything for the length of what it sent',
    why: 'devices before version 1.0 did, and what is sent has no length to be told',
    applies: isShown,
    provokes: ['virtio/NET-OP-LEG-D2'],
    needs: ['send'],
    options: odd,
    act: ({ machine, start, send }) => {
      start();
      sendByOddLengths(machine, send);
    },
  },
  {
    name: 'a legacy adapter that says anything for the length of its answers',
    why: 'how much came the residual tells, and of the answer itself the status',
    applies: isShown,
    provokes: ['virtio/SCSI-OP-LEG-D1'],
    needs: ['read', 'write'],
    options: odd,
    act: ({ machine, start, read, write }) => {
      start();
      moveByOddLengths(machine, write, (lba) => read(lba, 1));
    },
  },
];
