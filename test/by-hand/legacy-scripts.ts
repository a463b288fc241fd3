import type { LegacyBreach } from '../../docs/generate/judging/legacy-breaches.ts';
import type { NoBreach } from '../../docs/generate/judging/no-breaches.ts';
import { MsixDriver } from '../../src/guest/pci/msix.ts';
import { REQUESTS } from './driver.ts';
import type { LegacyDriver } from './legacy.ts';
import { INDIRECT_DESC, WRITE } from './ring.ts';
import { byTable } from './ring-scripts.ts';

const PAGES_OF_RAM = (128 << 20) / 4096;
const BIT_30 = 2 ** 30;

/** Scripts of legacy drivers that break a rule and otherwise follow the standard. */
export const LEGACY_SCRIPTS: Readonly<Record<LegacyBreach, (driver: LegacyDriver) => void>> = {
  'kicks before DRIVER_OK': (driver) => driver.begin().queues().ask(),
  'sets neither ACKNOWLEDGE nor DRIVER': (driver) => driver.reset().accept(0).queues().status(4).ask(),
  'sets DRIVER_OK alone': (driver) => driver.reset().status(4),
  'leaves bus mastering off': (driver) => driver.command(0x0003).start().ask(),
  'leaves bus mastering off, and writes 07 to the status at once': (driver) =>
    driver.command(0x0003).reset().accept(0).queues().status(7).ask(),
  'turns bus mastering off while the device runs': (driver) => driver.start().command(0x0003).ask(),
  'accepts all 32 features': (driver) => driver.start(0xffff_ffff),
  'accepts what was not offered, but for bit 30': (driver) => driver.start(0xffff_ffff - BIT_30).ask(),
  'writes features after DRIVER_OK': (driver) => driver.start().accept(0).ask(),
  'takes DRIVER_OK back without a reset, and goes on': (driver) => driver.start().status(3).ask(),
  'writes ff to the status': (driver) => driver.begin().queues().status(0xff).ask(),
  'sets FAILED, and goes on': (driver) => driver.start().status(0x87).ask(),
  'moves a ring that is in use': (driver) => driver.start().queue(REQUESTS, 0x500).kick(),
  'lets a ring begin in the last page of RAM': (driver) =>
    driver
      .begin()
      .queue(REQUESTS, PAGES_OF_RAM - 1)
      .status(7)
      .kick(),
  'puts a ring outside RAM': (driver) => driver.begin().queue(REQUESTS, 0xf_0000).status(7).kick(),
  'kicks a queue that is not there': (driver) => driver.start().kick(3).kick(0xffff),
  'accesses registers in parts, or several at once': (driver) => {
    driver.start();
    driver.in(0x00, 1);
    driver.in(0x00, 2);
    driver.in(0x0c, 1);
    driver.in(0x0c, 4);
    driver.in(0x12, 2);
  },
  'writes fields of the configuration that are read-only': (driver) =>
    driver.start().out(0x14, 9, 4).out(0x18, 9, 4),
  'asks for a vector that the table has not': (driver) => {
    MsixDriver.of(driver.machine.port, driver.bdf)!.start();
    driver.begin().queues().out(0x0e, REQUESTS, 2).out(0x16, 9, 2).in(0x16, 2);
  },
};

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
