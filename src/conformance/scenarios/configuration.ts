import type { Machine } from '../../machine/machine.ts';
import { type Fixture, later } from './fixture.ts';
import { type SuiteScenario, withOptions } from './scenario.ts';

/** Of these, bytes of both together are a number that is far off. */
const [BEFORE, AFTER] = [0x00ff, 0x0100];
/** Virtual nanoseconds that a frame takes; and how often the link changes meanwhile. */
const [UNDER_WAY, FLAP] = [[20_000, 80_000], 15_000] as const;
const FLAPS = Array.from({ length: 20 }, () => FLAP);

/** Between the first read of a configuration and the next it changes. */
function changeMeanwhile(machine: Machine): void {
  for (const device of machine.virtio) {
    let reads = 0;
    device.onConfigRead = () => {
      reads++;
      if (reads === 1 && device.name === 'balloon0') machine.balloon!.target = AFTER;
      const nic = machine.nics.find(({ name }) => name === device.name);
      if (reads <= 2) nic?.setLink(reads === 2);
    };
  }
}

function changesWhileRead({ machine, start, use }: Fixture): void {
  const balloon = machine.balloon!;
  changeMeanwhile(machine);
  start();
  balloon.target = BEFORE;
  changeMeanwhile(machine);
  use();
  if (balloon.pages > AFTER)
    throw new Error(`${balloon.pages} pages are in the balloon: ${BEFORE} were asked for, and then ${AFTER}`);
  balloon.target = 0;
  use();
}

function linkFlaps({ machine, start, use }: Fixture): void {
  let up = true;
  const flap = () => {
    up = !up;
    for (const nic of machine.nics) nic.setLink(up);
  };
  start();
  later(machine, flap, FLAP, ...FLAPS.slice(1));
  use();
  machine.port.wait(() => false, FLAP * FLAPS.length);
  use();
}

/** Device configurations that change. */
export const CONFIGURATION: readonly SuiteScenario[] = [
  {
    name: 'a configuration that changes while they read it',
    why: 'several reads of one field may be of different moments',
    needs: ['virtio'],
    options: withOptions({ balloon: true }),
    act: changesWhileRead,
  },
  {
    name: 'a link that flaps while frames are under way',
    why: 'a frame that is lost is no reason to wait for it',
    needs: ['net'],
    options: ({ nics = [{}], ...base }) => ({
      ...base,
      nics: nics.map((nic) => ({ ...nic, backend: 'loopback', completion: { latency: UNDER_WAY } })),
    }),
    act: linkFlaps,
  },
];
