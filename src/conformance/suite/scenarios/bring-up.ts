import { attachAll } from '../../../guest/pci/attach.ts';
import { enable } from '../../../guest/pci/config.ts';
import { enumerate, functionsOf } from '../../../guest/pci/enumerate.ts';
import { COMMAND } from '../../../pci/registers.ts';
import type { OtherMachine } from '../../other-machine.ts';
import { placeFunctions } from '../../power-on.ts';
import { referenceDrivers } from '../../reference.ts';
import { type SuiteScenario, startAndUse, withOptions } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const { IO_SPACE, MEMORY_SPACE } = COMMAND.mask;

/** Another system's drivers used the machine before, and are not judged. */
function leaveRunning({ machine }: Stage): void {
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

function leaveRunningElsewhere({ machine }: Stage<OtherMachine>): void {
  const { port } = machine;
  machine.unseen(() => {
    for (const driver of referenceDrivers('polled')) attachAll(port, enumerate(port), driver);
  });
}

/** A driver's first and repeated start on a machine. */
export const BRING_UP: readonly SuiteScenario[] = [
  {
    name: 'a machine as its firmware leaves it',
    why: 'what everybody tries',
    elsewhere: (stage) => {
      leaveDecoding(stage.machine);
      startAndUse(stage);
    },
  },
  {
    name: 'a machine at power-on, which has addresses and nothing else',
    why: 'who relies on what firmware leaves has neither decoding nor bus mastering nor interrupts',
    options: withOptions({ firmware: false }),
    act: (stage) => {
      placeFunctions(stage.machine);
      startAndUse(stage);
    },
    elsewhere: startAndUse,
  },
  {
    name: 'devices that another driver left running',
    why: 'who does not reset a device meets rings that are not its own',
    act: (stage) => {
      leaveRunning(stage);
      startAndUse(stage);
    },
    elsewhere: (stage) => {
      leaveRunningElsewhere(stage);
      startAndUse(stage);
    },
  },
  {
    name: 'a machine that is reset after they used it',
    why: 'what was kept of a device is not true any more',
    act: (stage) => {
      startAndUse(stage);
      stage.machine.reset('hard');
      startAndUse(stage);
    },
  },
  {
    name: 'a machine whose power fails',
    why: 'and what was kept in it is gone',
    act: (stage) => {
      startAndUse(stage);
      stage.machine.reset('power');
      startAndUse(stage);
    },
  },
];
