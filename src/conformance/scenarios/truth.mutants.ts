import type { GuestPort } from '../../core/guest-port.ts';
import { NicDriver, ScsiHost } from '../../guest/index.ts';
import { read, write } from '../../guest/scsi/commands.ts';
import { BLOCK } from '../../media/medium.ts';
import { withMemory } from '../broken/behind.ts';
import { referenceUses as good, referenceDrivers } from '../reference.ts';
import { hostOf, nicOf, type Requests, type ScenarioMutant, using } from './rig.ts';

const SECOND = 1_000_000_000;
const LONGEST = 1514;
/** Blocks that one request may have on Compute Engine's adapter. */
const MOST = 512;
/** Blocks of a page. */
const PAGE = 8;
const UNIT = { target: 1, lun: 0 };

/** Pieces of at most 512 blocks. */
function pieces(blocks: number): [at: number, count: number][] {
  return Array.from({ length: Math.ceil(blocks / MOST) }, (_, i) => [
    i * MOST,
    Math.min(MOST, blocks - i * MOST),
  ]);
}

/** Takes a returned buffer for the oldest one outstanding. */
function assumesOrder(queue: Requests['queue'], out: number[] = []): void {
  const { add, drain } = queue;
  queue.add = (readable, writable) => {
    const id = add.call(queue, readable, writable);
    if (id !== null) out.push(id);
    return id;
  };
  queue.drain = (each) => drain.call(queue, (_id, length) => each(out.shift()!, length));
}

/** Sends every request at once, with or without room; then waits for all answers. */
function readsAtOnce(requests: Requests, port: GuestPort, lba: number, blocks: number): Uint8Array {
  const all = new Uint8Array(blocks * BLOCK);
  let missing = 0;
  for (const [at, count] of pieces(blocks)) {
    missing++;
    requests.submit(UNIT, read(lba + at, count, count * BLOCK), ({ data }) => {
      all.set(data, at * BLOCK);
      missing--;
    });
  }
  requests.kick();
  const done = port.wait(() => {
    requests.serve();
    return missing === 0;
  }, SECOND);
  if (!done) throw new Error(`${missing} requests are not answered`);
  return all;
}

function writesWithoutWaiting(requests: Requests, lba: number, bytes: Uint8Array): void {
  for (const [at, count] of pieces(bytes.length / BLOCK))
    requests.submit(UNIT, write(lba + at, count, bytes.slice(at * BLOCK, (at + count) * BLOCK)), () => {});
  requests.kick();
  requests.serve();
}

/** A page at a time, regardless of the disk's limits. */
function readsBlindly(handles: readonly unknown[], lba: number, blocks: number): Uint8Array {
  const host = handles.find((handle) => handle instanceof ScsiHost)!;
  const all = new Uint8Array(blocks * BLOCK);
  for (let at = 0; at < blocks; at += PAGE) {
    const count = Math.min(PAGE, blocks - at);
    all.set(host.execute(UNIT.target, UNIT.lun, read(lba + at, count, count * BLOCK)).data, at * BLOCK);
  }
  return all;
}

function writesBlindly(handles: readonly unknown[], lba: number, bytes: Uint8Array): void {
  const host = handles.find((handle) => handle instanceof ScsiHost)!;
  for (let at = 0; at < bytes.length / BLOCK; at += PAGE) {
    const part = bytes.slice(at * BLOCK, (at + PAGE) * BLOCK);
    host.execute(UNIT.target, UNIT.lun, write(lba + at, part.length / BLOCK, part));
  }
}

/** Caches its writes, and trusts the cache more than the disk. */
function cachingUses() {
  const caches = new WeakMap<object, Map<number, Uint8Array>>();
  const cacheOf = (machine: object) => {
    const cache = caches.get(machine) ?? new Map<number, Uint8Array>();
    caches.set(machine, cache);
    return cache;
  };
  return using({
    write: (lba, bytes, ...more) => {
      const cache = cacheOf(more[2]);
      for (let at = 0; at < bytes.length; at += BLOCK)
        cache.set(lba + at / BLOCK, bytes.slice(at, at + BLOCK));
      good.write!(lba, bytes, ...more);
    },
    read: (lba, blocks, ...more) => {
      const cache = cacheOf(more[2]);
      const there = good.read!(lba, blocks, ...more);
      for (let i = 0; i < blocks; i++) there.set(cache.get(lba + i) ?? [], i * BLOCK);
      return there;
    },
  });
}

/** In its view, used.idx of receive rings never decreases. */
function countsOnAndOn(port: GuestPort): GuestPort {
  const last = new Map<number, number>();
  return withMemory(port, {
    load: (address, width) => {
      const value = port.memory.load(address, width);
      // used.idx of the legacy layout: the second half of a page.
      if (width !== 2 || address % 4096 !== 2) return value;
      const most = Math.max(value, last.get(address) ?? 0);
      last.set(address, most);
      return most;
    },
    fill: (...given) => {
      last.clear();
      port.memory.fill(...given);
    },
  });
}

const SLOW_RECEIVE = 'frames that are to come in whole while buffers come back in any order';
const SLOW_READ = 'blocks that are to be read rightly while answers overtake each other';
const FULL_DISK = 'more to read and write than a ring has room for, while the disk holds what it has';
const BURSTS = 'more frames at once than a ring has room for';
const CUT = 'power that fails in the middle of writes';
const SLOW_WRITE = 'blocks that are to be written before their writer goes on';

export const MUTANTS: readonly ScenarioMutant[] = [
  {
    name: 'cuts the longest frames by a byte',
    scenario: 'frames of every length, that are to come out as they were sent',
    by: /^DataError: frame \d+ of 64, 1514 bytes, as it came out at the wire: 1513 bytes, where 1514 were due$/,
    model: () => using({ send: (frame, ...more) => good.send!(frame.subarray(0, LONGEST - 1), ...more) }),
    also: ['a card whose link is down for a while'],
  },
  {
    name: 'gives the longest frames without their last byte',
    scenario: 'frames of every length, that are to be received as they came',
    by: /^DataError: frame \d+ of 64, 1514 bytes, /,
    also: [
      SLOW_RECEIVE,
      BURSTS,
      'frames that are longer than a buffer',
      'buffers that a card uses in another order than they were given',
      'frames that a card found to be damaged',
      'segments that a card joins, and headers that it splits off',
    ],
    model: () =>
      using({
        receive: (...given) => good.receive!(...given).map((frame) => frame.subarray(0, LONGEST - 1)),
      }),
  },
  {
    name: 'takes the buffers of frames for those that it offered first',
    scenario: SLOW_RECEIVE,
    by: /^DataError|^DriverError/,
    model: () => ({
      ...using({}),
      drivers: referenceDrivers('polled').map((driver) => ({
        ...driver,
        attach: (port: GuestPort, bdf: number) => {
          const handle = driver.attach(port, bdf);
          if (handle instanceof NicDriver) {
            const { queue, buffers } = nicOf([handle]).card.receivers[0]!;
            assumesOrder(queue, Object.keys(buffers).map(Number));
          }
          return handle;
        },
      })),
    }),
  },
  {
    name: 'reads 512 blocks at most',
    scenario: 'blocks that are to be read as they are on the disk',
    by: /^DataError: use\.read\(\) of 513 blocks from \d+ on: byte 262144 of 262656 is 00, where [0-9a-f]{2} was due$/,
    also: [SLOW_READ, FULL_DISK, CUT],
    model: () =>
      using({
        read: (lba, blocks, ...more) => {
          const bytes = new Uint8Array(blocks * BLOCK);
          bytes.set(good.read!(lba, Math.min(blocks, MOST), ...more));
          return bytes;
        },
      }),
  },
  {
    name: 'takes answers for those to what it asked first',
    scenario: SLOW_READ,
    by: /Error: /,
    also: [CUT],
    model: () =>
      using({
        read: (lba, blocks, handles, ...more) => {
          const { queue } = hostOf(handles).adapter.requests;
          if (!Object.hasOwn(queue, 'drain')) assumesOrder(queue);
          return good.read!(lba, blocks, handles, ...more);
        },
      }),
  },
  {
    name: 'writes a block too few',
    scenario: 'blocks that are to be on the disk as they were written',
    by: /^DataError: the disk after use\.write\(\) of 513 blocks from \d+ on: byte 262144 of 262656 is /,
    also: [SLOW_WRITE, FULL_DISK],
    model: () =>
      using({
        write: (lba, bytes, ...more) => good.write!(lba, bytes.subarray(0, MOST * BLOCK), ...more),
      }),
  },
  {
    name: 'does not wait for what it writes',
    scenario: SLOW_WRITE,
    by: /^DataError: the disk after use\.write\(\) of 1 blocks from 0 on: byte 0 of 512 is /,
    also: [FULL_DISK],
    model: () =>
      using({
        write: (lba, bytes, handles, ...more) => {
          // A disk that got no command yet has a unit attention pending.
          good.read!(0, 1, handles, ...more);
          writesWithoutWaiting(hostOf(handles).adapter.requests, lba, bytes);
        },
      }),
  },
  {
    name: 'looks at no status of a read',
    scenario: 'a disk that has something else to say than what they read',
    by: /^DataError: use\.read\(\) of 8 blocks from 8 on: byte 0 of 4096 is /,
    also: ['a disk that is busy for long'],
    model: () => using({ read: (lba, blocks, handles) => readsBlindly(handles, lba, blocks) }),
  },
  {
    name: 'looks at no status of a write',
    scenario: 'a disk that has something else to say than that they wrote',
    by: /^DataError: the disk after use\.write\(\) of 8 blocks from 0 on: byte 0 of 4096 is /,
    model: () => using({ write: (lba, bytes, handles) => writesBlindly(handles, lba, bytes) }),
  },
  {
    name: 'drops what a ring has no room for',
    scenario: 'more to send than a ring has room for, while the device holds what it has',
    by: /^DataError: frame \d+ of 100, 60 bytes, did not come out at the wire$/,
    model: () =>
      using({
        send: (...given) => {
          good.send!(...given);
        },
      }),
  },
  {
    name: 'takes for granted that a request has room',
    scenario: FULL_DISK,
    by: /^Error: \d+ requests are not answered$/,
    model: () =>
      using({
        read: (lba, blocks, handles, port, machine) => {
          good.read!(0, 1, handles, port, machine);
          return readsAtOnce(hostOf(handles).adapter.requests, port, lba, blocks);
        },
      }),
  },
  {
    name: 'counts on where an index begins anew',
    scenario: 'so many frames that the indices of a ring begin anew',
    by: /^DataError: \d+ of 256 frames came, after \d{5} that all came$/,
    model: () => ({
      ...using({}),
      drivers: referenceDrivers('polled').map((driver) => ({
        ...driver,
        attach: (port: GuestPort, bdf: number) => driver.attach(countsOnAndOn(port), bdf),
      })),
    }),
  },
  {
    name: 'believes what it wrote more than the disk',
    scenario: CUT,
    by: /^DataError: use\.read\(\) of \d+ blocks from \d+ on: byte \d+ of \d+ is /,
    model: cachingUses,
  },
];
