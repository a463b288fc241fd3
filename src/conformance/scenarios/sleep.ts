import { Random } from '../../core/random.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { referenceDrivers, referenceUses } from '../reference.ts';
import { demandFrames } from './differences.ts';
import type { Fixture } from './fixture.ts';
import { demandSending, framesOf, framesOut, PEER, pass, receiveAll } from './frames.ts';
import { plain, type SuiteScenario } from './scenario.ts';
import { devicesOf } from './stop-surely.ts';

const TIMES = 3;
const FRAMES = 8;
const MILLISECOND = 1_000_000;

/** Frames go both ways before and after; those that arrive during sleep are lost. */
function sleepAndWake(fixture: Fixture, meanwhile: () => void): void {
  const { machine } = fixture;
  const random = new Random(machine.seed);
  fixture.start();
  exchange(fixture, random);
  for (let time = 0; time < TIMES; time++) {
    fixture.suspend();
    meanwhile();
    pass(machine, MILLISECOND);
    fixture.resume();
    exchange(fixture, random);
  }
}

function exchange(fixture: Fixture, random: Random): void {
  const { machine } = fixture;
  const [nic] = machine.nics;
  demandSending(fixture, framesOut(random, FRAMES, nic!));
  const into = framesOf(random, FRAMES, nic!.mac, PEER);
  nic!.receive(...into);
  demandFrames('out of use.receive()', receiveAll(fixture, into.length), into);
}

/** An operating system sets up bridges and interrupt controllers again before it resumes drivers. */
function losePower({ machine }: Fixture): void {
  for (const fn of devicesOf(machine)) fn.reset('power');
}

/** The kernel that reads the other's image uses the devices for that, and lets go of them. */
function otherKernel({ machine }: Fixture): void {
  const { journal, port, functions } = machine;
  journal.quietly(() => {
    const handles = referenceDrivers('polled').flatMap((driver) =>
      functions
        .filter(({ bdf }) => driver.matches(machine.idOf(bdf)!))
        .map(({ bdf }) => driver.attach(port, bdf)),
    );
    referenceUses.stop!(handles, port, machine);
  });
}

/** Devices that can be suspended are, by a driver that accepts SUSPEND. */
function slow({ ringFeatures = [], ...base }: MachineOptions): MachineOptions {
  return {
    ...plain(base),
    ringFeatures: [...new Set([...ringFeatures, 'SUSPEND' as const])],
    suspendTime: MILLISECOND,
  };
}

const NEEDS = ['send', 'receive', 'suspend', 'resume'] as const;

/** Machines that sleep and wake. */
export const SLEEP: readonly SuiteScenario[] = [
  {
    name: 'sleep from which they are woken with everything as they left it',
    why: 'the driver must take the devices again, even if nothing was lost',
    needs: NEEDS,
    options: plain,
    act: (fixture) => sleepAndWake(fixture, () => {}),
  },
  {
    name: 'sleep in which the devices have no power',
    why: 'rings, features, vectors, base addresses and Command are gone',
    needs: NEEDS,
    options: plain,
    act: (fixture) => sleepAndWake(fixture, () => losePower(fixture)),
  },
  {
    name: 'sleep of devices that take their time to be suspended, and to work again',
    why: 'a request to the status is done when the status says so',
    meets: ['virtio/SUSP'],
    applies: ({ virtio = 'legacy' }) => virtio !== 'legacy',
    needs: NEEDS,
    options: slow,
    act: (fixture) => sleepAndWake(fixture, () => {}),
  },
  ...(['suspend', 'resume'] as const).map((suspendFails) => ({
    name: `sleep of devices that need a reset instead of ${suspendFails === 'suspend' ? 'being suspended' : 'working again'}`,
    why: 'a device may fail there and says so: its status is not the one waited for',
    applies: ({ virtio = 'legacy' }: MachineOptions) => virtio !== 'legacy',
    needs: NEEDS,
    options: (base: MachineOptions) => ({ ...slow(base), suspendFails }),
    act: (fixture: Fixture) => sleepAndWake(fixture, () => {}),
  })),
  {
    name: 'sleep on a disk, from which another kernel reads them back',
    why: 'the system that used a device meanwhile leaves it in another state',
    needs: NEEDS,
    options: plain,
    act: (fixture) => sleepAndWake(fixture, () => otherKernel(fixture)),
  },
];
