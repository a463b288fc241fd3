import { attachAll } from '../../guest/pci/attach.ts';
import { enable } from '../../guest/pci/config.ts';
import { enumerate, functionsOf } from '../../guest/pci/enumerate.ts';
import { COMMAND } from '../../pci/registers.ts';
import type { OtherMachine } from '../model/other-machine.ts';
import { referenceDrivers } from '../reference.ts';
import type { Fixture } from './fixture.ts';
import { placeFunctions } from './power-on.ts';
import { type SuiteScenario, startAndUse, withOptions } from './scenario.ts';

const { IO_SPACE, MEMORY_SPACE } = COMMAND.mask;

/** Another system's drivers used the machine before, and are not judged. */
function leaveRunning({ machine }: Fixture): void {
  machine.journal.quietly(() => {
    for (const driver of referenceDrivers('polled'))
      if (machine.functions.some(({ bdf }) => driver.matches(machine.idOf(bdf)!))) machine.attach(driver);
  });
}

/** Firmware turned decoding on. */
function leaveDecoding(machine: OtherMachine): void {
  const { port } = machine;
  machine.unseen(() => {
    for (const bdf of functionsOf(port)) enable(port, bdf, IO_SPACE | MEMORY_SPACE);
  });
}

function leaveRunningElsewhere({ machine }: Fixture<OtherMachine>): void {
  const { port } = machine;
  machine.unseen(() => {
    for (const driver of referenceDrivers('polled')) attachAll(port, enumerate(port), driver);
  });
}

/** A driver's first and repeated start on a machine. */
export const BRING_UP: readonly SuiteScenario[] = [
  {
    name: 'a machine as its firmware leaves it',
    why: 'the machine that every driver meets first',
    elsewhere: (fixture) => {
      leaveDecoding(fixture.machine);
      startAndUse(fixture);
    },
  },
  {
    name: 'a machine at power-on, which has addresses and nothing else',
    why: 'a driver that relies on what firmware leaves has neither decoding nor bus mastering nor interrupts',
    options: withOptions({ firmware: false }),
    act: (fixture) => {
      placeFunctions(fixture.machine);
      startAndUse(fixture);
    },
    elsewhere: startAndUse,
  },
  {
    name: 'devices that another driver left running',
    why: 'a driver that does not reset a device meets rings that are not its own',
    act: (fixture) => {
      leaveRunning(fixture);
      startAndUse(fixture);
    },
    elsewhere: (fixture) => {
      leaveRunningElsewhere(fixture);
      startAndUse(fixture);
    },
  },
  {
    name: 'a machine that is reset after they used it',
    why: 'what the driver remembers of a device no longer holds',
    act: (fixture) => {
      startAndUse(fixture);
      fixture.machine.reset('hard');
      startAndUse(fixture);
    },
  },
  {
    name: 'a machine whose power fails',
    why: 'what the driver kept in it is gone',
    act: (fixture) => {
      startAndUse(fixture);
      fixture.machine.reset('power');
      startAndUse(fixture);
    },
  },
];
