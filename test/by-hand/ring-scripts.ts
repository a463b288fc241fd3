import type { RingBreach } from '../../docs/generate/judging/ring-breaches.ts';
import type { HandDriver } from './driver.ts';
import { INDIRECT_DESC, NEXT, toTable, WRITE } from './ring.ts';

/** Past RAM, which ends at 128 MiB; and beyond 4 GiB, where there is none. */
const NO_RAM = 0x7000_0000;
const HIGH = 2 ** 33;
const TABLE = 0x4f_0000;

/** Puts a request into a table, and gives that to the adapter by one descriptor. */
export function byTable(driver: HandDriver, length: number, flags = 0): HandDriver {
  const [request, response] = driver.request();
  driver.ring.describe(0, request, TABLE);
  driver.ring.describe(1, response, TABLE);
  return driver.ask([toTable(TABLE, length, flags)]);
}

/** Scripts of drivers that break a rule in a split ring and otherwise follow the standard. */
export const RING_SCRIPTS: Readonly<Record<RingBreach, (driver: HandDriver) => void>> = {
  'puts a buffer to write before one to read': (driver) => {
    const [request, response] = driver.start().request();
    driver.ask([
      { ...response, flags: WRITE | NEXT, next: 1 },
      { ...request, flags: 0, next: 0 },
    ]);
  },
  'offers a buffer of no bytes': (driver) => {
    const [request, response] = driver.start().request();
    driver.ask([request, { ...response, flags: WRITE | NEXT, next: 2 }, { ...response, length: 0 }]);
  },
  'links a chain to itself': (driver) => {
    const [request, response] = driver.start().request();
    driver.ask([request, { ...response, flags: WRITE | NEXT, next: 1 }]);
  },
  'links a chain to a descriptor beyond the ring': (driver) => {
    const [request, response] = driver.start().request();
    driver.ask([{ ...request, next: 32_767 }, response]);
  },
  'offers a descriptor beyond the ring': (driver) => {
    driver.start().ring.offer(32_767);
    driver.kick().take();
  },
  'gives an address outside RAM': (driver) => {
    const [request, response] = driver.start().request();
    driver.ask([{ ...request, address: NO_RAM }, response]);
  },
  'gives an address above all RAM': (driver) => {
    const [request, response] = driver.start().request();
    driver.ask([request, { ...response, address: HIGH }]);
  },
  'sets flags of a descriptor that mean nothing': (driver) => {
    const [request, response] = driver.start().request();
    driver.ask([{ ...request, flags: NEXT | 0xfff0 }, response]);
  },
  'uses a table without INDIRECT_DESC': (driver) => byTable(driver.start(), 32),
  'links a table to another descriptor': (driver) => byTable(driver.start(INDIRECT_DESC), 32, NEXT),
  'puts a table into a table': (driver) => {
    driver.start(INDIRECT_DESC).ring.describe(0, toTable(TABLE, 32), TABLE + 0x100);
    const [request, response] = driver.request();
    driver.ring.describe(0, request, TABLE);
    driver.ring.describe(1, response, TABLE);
    driver.ask([toTable(TABLE + 0x100, 16)]);
  },
  'uses a table of no bytes': (driver) => byTable(driver.start(INDIRECT_DESC), 0),
  'uses a table of 24 bytes': (driver) => byTable(driver.start(INDIRECT_DESC), 24),
  'offers one chain twice': (driver) => {
    const descriptors = driver.start().request();
    driver.chain(descriptors);
    driver.ring.offer(0);
    driver.kick().take();
  },
  'moves avail.idx by more than the size of the ring': (driver) => {
    driver.start().ring.setIndex(2000);
    driver.kick().take();
  },
  'moves avail.idx back': (driver) => {
    driver.start().ask();
    driver.ring.setIndex(0);
    driver.kick().take();
  },
};
