import type { ModernBreach } from '../../docs/generate/judging/modern-breaches.ts';
import { REQUESTS } from './driver.ts';
import type { ModernDriver } from './modern.ts';

/** Scripts of modern drivers that break a rule and otherwise follow the standard. */
export const MODERN_SCRIPTS: Readonly<Record<ModernBreach, (driver: ModernDriver) => void>> = {
  'does not accept VERSION_1': (driver) => driver.begin().accept(0, 0).close().queues().status(0x0f).ask(),
  'accepts what was not offered': (driver) =>
    driver.begin().accept(0xbfff_ffff, 1).close().queues().status(0x0f).ask(),
  'leaves FEATURES_OK out': (driver) => driver.begin().accept().queues().status(7).ask(),
  'kicks before DRIVER_OK': (driver) => driver.negotiate().queues().ask(),
  'kicks a queue that it did not enable': (driver) =>
    driver.negotiate().place(0).enable(0).place(1).enable(1).place(REQUESTS).status(0x0f).ask(),
  'enables no queue': (driver) => driver.negotiate().place(REQUESTS).status(0x0f).ask(),
  'gives a split ring 100 entries': (driver) => driver.negotiate().queues(100).status(0x0f).ask(),
  'gives a ring more entries than it may have': (driver) =>
    driver.negotiate().queues(2048).status(0x0f).ask(),
  'gives a ring no entries': (driver) => driver.negotiate().queues(0).status(0x0f).ask(),
  'changes the size of a queue that is enabled': (driver) =>
    driver.negotiate().queues().write(0x18, 64, 2).status(0x0f),
  'writes 0 to queue_enable': (driver) => driver.start().write(0x1c, 0, 2),
  'puts a descriptor table at a multiple of 4': (driver) => driver.negotiate().queues(128, -4).status(0x0f),
  'writes features after FEATURES_OK': (driver) => driver.negotiate().accept().queues().status(0x0f).ask(),
  'takes bits of the status back without a reset': (driver) => driver.start().status(3).ask(),
  'leaves bus mastering off': (driver) => driver.command(0x0002).start().ask(),
  'sends a request shorter than its header': (driver) => {
    const [request, response] = driver.request();
    driver.start().ask([{ ...request, length: 10 }, response]);
  },
  'accesses registers in parts, or several at once': (driver) => {
    driver.start();
    driver.read(0x04, 1);
    driver.read(0x04, 2);
    driver.read(0x20, 2);
    driver.read(0x10, 4);
    driver.read(0x14, 2);
  },
  'kicks by the address of one queue with the index of another': (driver) => driver.start().kick(REQUESTS, 1),
};
