import type { Nanos } from '../../core/bits.ts';
import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import type { VirtioView } from '../../machine/virtio-view.ts';
import { type Fixture, later, mayGiveUp } from './fixture.ts';
import type { SuiteScenario } from './scenario.ts';

/** Virtual nanoseconds within which every driver is still busy. */
const SOON = 100_000;

/** A legacy device cannot report a breakdown, so a driver that waits for it is not at fault. */
function ableToSay({ virtio }: Machine): readonly VirtioView[] {
  return virtio.filter((device) => device.interface === 'modern');
}

function breakDown({ machine, start, use }: Fixture): void {
  const random = new Random(machine.seed);
  const breakAfter = (least: Nanos, more: Nanos) => {
    for (const device of ableToSay(machine))
      later(machine, () => device.breakDown(), least + random.below(more));
  };
  const begin = machine.now;
  start();
  // Half of the time that it takes, and what comes last: commands of a control queue.
  const half = Math.ceil((machine.now - begin) / 2) + 1;
  use();
  breakAfter(1, SOON);
  mayGiveUp(use);
  machine.port.wait(() => false, SOON);
  machine.reset('hard');
  // They break down again before a driver attaches.
  for (const device of ableToSay(machine)) device.breakDown();
  start();
  use();
  machine.reset('hard');
  breakAfter(half, half);
  mayGiveUp(start);
}

/** Devices that break down. */
export const BREAKDOWN: readonly SuiteScenario[] = [
  {
    name: 'devices that break down while they use them',
    why: 'a driver that waits for such a device waits forever: only a reset repairs it',
    needs: ['virtio'],
    meets: ['virtio/STATUS-D4'],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    act: breakDown,
  },
];
