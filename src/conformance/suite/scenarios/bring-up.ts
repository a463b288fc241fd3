import { placeFunctions } from '../../power-on.ts';
import { referenceDrivers } from '../../reference.ts';
import { type SuiteScenario, withOptions } from '../scenario.ts';
import type { Stage } from '../stage.ts';

/** Somebody else's drivers had the machine before, and are not judged. */
function leaveRunning({ machine }: Stage): void {
  machine.journal.quietly(() => {
    for (const driver of referenceDrivers('polled'))
      if (machine.functions.some(({ bdf }) => driver.matches(machine.idOf(bdf)!))) machine.attach(driver);
  });
}

/** How a driver comes to a machine, and comes to it again. */
export const BRING_UP: readonly SuiteScenario[] = [
  {
    name: 'a machine as its firmware leaves it',
    why: 'what everybody tries',
  },
  {
    name: 'a machine at power-on, which has addresses and nothing else',
    why: 'who relies on what firmware leaves has neither decoding nor bus mastering nor interrupts',
    options: withOptions({ firmware: false }),
    act: (stage) => {
      placeFunctions(stage.machine);
      stage.start();
      stage.use();
    },
  },
  {
    name: 'devices that another driver left running',
    why: 'who does not reset a device meets rings that are not its own',
    act: (stage) => {
      leaveRunning(stage);
      stage.start();
      stage.use();
    },
  },
  {
    name: 'a machine that is reset after they used it',
    why: 'what was kept of a device is not true any more',
    act: (stage) => {
      stage.start();
      stage.use();
      stage.machine.reset('hard');
      stage.start();
      stage.use();
    },
  },
  {
    name: 'a machine whose power fails',
    why: 'and what was kept in it is gone',
    act: (stage) => {
      stage.start();
      stage.use();
      stage.machine.reset('power');
      stage.start();
      stage.use();
    },
  },
];
