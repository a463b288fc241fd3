import type { NoBreach } from '../../docs/generate/judging/no-breaches.ts';
import { REQUESTS } from './driver.ts';
import type { LegacyDriver } from './legacy.ts';
import { INDIRECT_DESC, WRITE } from './ring.ts';
import { byTable } from './ring-scripts.ts';

const NO_INTERRUPT = 1;

/** Scripts that look odd and break nothing. */
export const NO_SCRIPTS: Readonly<Record<NoBreach, (driver: LegacyDriver) => void>> = {
  'gives a table the flag WRITE': (driver) => byTable(driver.start(INDIRECT_DESC), 32, WRITE),
  'selects queues that are not there, and reads their size': (driver) => {
    driver.begin().queues();
    for (const queue of [3, 0x3ff, 0xffff]) driver.out(0x0e, queue, 2).in(0x0c, 2);
    driver.status(7).ask();
  },
  'writes 0 to the address of a queue that is in use': (driver) =>
    driver.start().ask().out(0x0e, REQUESTS, 2).out(0x08, 0, 4),
  'asks for 70000 bytes of sense': (driver) =>
    driver
      .begin()
      .out(0x14 + 20, 70_000, 4)
      .queues()
      .status(7),
  'asks for no interrupts by avail.flags': (driver) => {
    driver.start();
    driver.ring.setFlags(NO_INTERRUPT);
    driver.ask();
  },
};
