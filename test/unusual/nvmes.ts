import type { Unusual } from './drivers.ts';
import {
  ADMIN,
  ALL,
  createCq,
  createSq,
  ENTRIES,
  IO,
  PAGE,
  REG,
  SHUTDOWN,
  SmallNvme,
  SmallPair,
  type Words,
} from './small-nvme.ts';

const SECOND = 1_000_000_000;
/** More than two laps of a queue. */
const MANY = 40;
const PAGE_BLOCKS = PAGE / 512;
type At = Parameters<Unusual['run']>[0];

/** It runs, with a pair of queues. */
function ready(at: At, entries = 16): [nvme: SmallNvme, pair: SmallPair, page: number] {
  const nvme = new SmallNvme(at).start().askQueues();
  return [nvme, nvme.make(new SmallPair(nvme, 1, entries)), nvme.page()];
}

function read(prp1: number, lba = 0, blocks = 1, prp2 = 0): Words {
  return { op: IO.READ, nsid: 1, prp1, prp2, cdw10: lba, cdw12: blocks - 1 };
}

function write(...place: Parameters<typeof read>): Words {
  return { ...read(...place), op: IO.WRITE };
}

/** Drivers of NVMe controllers as other projects have them, in what they do with registers, queues and interrupts. */
export const NVMES: readonly Unusual[] = [
  {
    name: 'has admin queues of two entries, and gives the next command before the last head',
    run: (at) => {
      const nvme = new SmallNvme(at).start(2);
      const { admin } = nvme;
      const pair = new SmallPair(nvme, 1);
      const prp1 = nvme.page();
      const identify = [1, 2].map((cdw10) => ({ op: ADMIN.IDENTIFY, prp1, cdw10 }));
      const asks = { op: ADMIN.SET_FEATURES, cdw10: 7 };
      for (const [i, words] of [asks, createCq(pair), createSq(pair), ...identify].entries()) {
        if (i > 0) admin.await();
        admin.submit({ ...words, cid: admin.tail });
        if (i > 0) admin.acknowledge();
      }
      admin.await();
      admin.acknowledge();
      for (let i = 0; i < MANY; i++) pair.run(read(prp1, i));
    },
  },
  {
    name: 'has I/O queues of two entries, and leaves PRP2 of the command before',
    run: (at) => {
      const [nvme, pair] = ready(at, 2);
      const pages = nvme.port.allocate(2 * PAGE, PAGE);
      for (const blocks of [2 * PAGE_BLOCKS, 1, 1, PAGE_BLOCKS])
        pair.run(read(pages, 0, blocks, pages + PAGE));
    },
  },
  {
    name: 'gives many commands one tail, and takes their completions with one head',
    run: (at) => {
      const [, pair, page] = ready(at);
      for (let i = 0; i < MANY; i += PAGE_BLOCKS) {
        for (let j = 0; j < PAGE_BLOCKS; j++) pair.put(read(page + 512 * j, j));
        pair.ring();
        pair.await(PAGE_BLOCKS);
        pair.acknowledge();
      }
    },
  },
  {
    name: 'fills its queue command by command, and writes the head for each completion',
    run: (at) => {
      const [nvme, pair] = ready(at);
      const pages = Array.from({ length: 15 }, () => nvme.page());
      for (let round = 0; round < 4; round++) {
        for (const page of pages) pair.submit(read(page));
        for (const _ of pages) {
          pair.await();
          pair.acknowledge();
        }
      }
    },
  },
  {
    name: 'writes the head when half of the queue was taken',
    run: (at) => {
      const [, pair, page] = ready(at);
      for (let i = 0; i < MANY; i++) {
        pair.submit(read(page, i));
        pair.await();
        if (i % 8 === 7) pair.acknowledge();
      }
    },
  },
  {
    name: 'has two submission queues that complete in one queue',
    run: (at) => {
      const [nvme, first, page] = ready(at);
      const second = new SmallPair(nvme, 2, 8);
      nvme.admin.run(createSq(second, 1));
      for (let i = 0; i < MANY; i++) {
        [first, second][i % 2]!.submit(read(page, i));
        first.await();
        first.acknowledge();
      }
    },
  },
  {
    name: 'has one message for the admin queue and its I/O queue',
    run: (at) => {
      const nvme = new SmallNvme(at).start();
      const pairs = [nvme.admin];
      let [asked, done] = [0, 0];
      nvme.onMessage(() => {
        for (const pair of pairs) done += pair.serve();
      });
      const run = (pair: SmallPair, words: Words) => {
        pair.submit(words);
        asked++;
        if (!at.port.wait(() => done === asked, SECOND)) throw new Error('it is not told');
      };
      run(nvme.admin, { op: ADMIN.SET_FEATURES, cdw10: 7 });
      const pair = new SmallPair(nvme, 1);
      pairs.push(pair);
      run(nvme.admin, createCq(pair, 0));
      run(nvme.admin, createSq(pair));
      for (let i = 0; i < MANY; i++) run(pair, read(nvme.page(), i));
    },
  },
  {
    name: 'has a line, and masks it in its handler',
    run: (at) => {
      const nvme = new SmallNvme(at).start().askQueues();
      const pair = nvme.make(new SmallPair(nvme, 1), 0);
      let done = 0;
      nvme.onLine(() => {
        nvme.write(REG.INTMS, 1);
        done += pair.serve();
        nvme.write(REG.INTMC, 1);
      });
      for (let i = 0; i < MANY; i++) {
        pair.submit(read(nvme.page(), i));
        if (!at.port.wait(() => done > i, SECOND)) throw new Error('it is not told');
      }
    },
  },
  {
    name: 'begins its data and its list of pages in the middle of a page',
    run: (at) => {
      const [nvme, pair] = ready(at);
      const pages = nvme.port.allocate(8 * PAGE, PAGE);
      const list = nvme.page() + 1000;
      nvme.listAt(
        list,
        [1, 2, 3, 4, 5, 6, 7].map((i) => pages + i * PAGE),
      );
      pair.run(read(pages + 516, 3));
      pair.run(read(pages + 512, 3, 50, list));
      pair.run(write(pages + 512, 100, 50, list));
    },
  },
  {
    name: 'goes on with a list of pages in another page',
    run: (at) => {
      const [nvme, pair] = ready(at);
      const pages = nvme.port.allocate(8 * PAGE, PAGE);
      const [first, second] = [nvme.page() + PAGE - 16, nvme.page()];
      nvme.listAt(first, [pages + PAGE, second]);
      nvme.listAt(
        second,
        [2, 3, 4, 5, 6, 7].map((i) => pages + i * PAGE),
      );
      pair.run(read(pages, 0, 8 * PAGE_BLOCKS, first));
    },
  },
  {
    name: 'reads the first bytes of log pages, and each feature',
    run: (at) => {
      const nvme = new SmallNvme(at).start();
      const prp1 = nvme.page();
      for (const log of [1, 2, 3])
        nvme.admin.run({ op: ADMIN.GET_LOG, nsid: ALL, prp1, cdw10: log | (3 << 16) });
      for (const cdw10 of [1, 2, 4, 5, 6, 7, 8, 9, 0x0a, 0x0b])
        nvme.admin.run({ op: ADMIN.GET_FEATURES, cdw10, prp1 });
    },
  },
  {
    name: 'deletes its queues, and makes them again in the same memory',
    run: (at) => {
      const [nvme, pair, page] = ready(at);
      for (let i = 0; i < 3; i++) {
        pair.run(read(page, i));
        nvme.delete(pair);
        pair.clear();
        nvme.make(pair);
      }
      pair.run(read(page));
    },
  },
  {
    name: 'resets the controller without a shutdown, and starts it again',
    run: (at) => {
      const [nvme, pair, page] = ready(at);
      pair.run(read(page));
      nvme.start().askQueues();
      nvme.make(new SmallPair(nvme, 1)).run(read(page));
    },
  },
  {
    name: 'sets all of CC but EN first, and does nothing but shut the controller down',
    run: (at) => {
      const nvme = new SmallNvme(at);
      nvme.read(REG.CAP);
      nvme.write(REG.CC, 0);
      nvme.until(1, 0);
      nvme.write(REG.CC, ENTRIES);
      nvme.write64(REG.ACQ, nvme.page());
      nvme.write64(REG.ASQ, nvme.page());
      nvme.write(REG.AQA, (63 << 16) | 63);
      nvme.write(REG.CC, ENTRIES | 1);
      nvme.until(1, 1);
      nvme.write(REG.CC, SHUTDOWN);
      nvme.until(0xc, 8);
      nvme.write(REG.CC, 0);
    },
  },
  {
    name: 'waits for four events, of which none comes, and shuts down',
    run: (at) => {
      const [nvme, pair, page] = ready(at);
      for (let i = 0; i < 4; i++) nvme.admin.put({ op: ADMIN.ASYNC_EVENT });
      nvme.admin.ring();
      pair.run(read(page));
      nvme.delete(pair);
      nvme.write(REG.CC, SHUTDOWN);
      nvme.until(0xc, 8);
    },
  },
  {
    name: 'makes two completion queues by one tail, then two submission queues',
    run: (at) => {
      const nvme = new SmallNvme(at).start().askQueues();
      const pairs = [2, 1].map((id) => new SmallPair(nvme, id));
      for (const create of [createCq, createSq]) {
        for (const pair of pairs) nvme.admin.put(create(pair));
        nvme.admin.ring();
        nvme.admin.await(pairs.length);
        nvme.admin.acknowledge();
      }
      for (const pair of pairs) pair.run(read(nvme.page()));
    },
  },
  {
    name: 'writes, flushes all namespaces, trims, and writes zeros',
    run: (at) => {
      const [nvme, pair, page] = ready(at);
      pair.run(write(page, 8, 8));
      pair.run({ op: IO.FLUSH, nsid: ALL });
      nvme.listAt(page, [8 * 2 ** 32, 8]);
      pair.run({ op: IO.DATASET_MANAGEMENT, nsid: 1, prp1: page, cdw11: 4 });
      pair.run({ op: IO.WRITE_ZEROES, nsid: 1, cdw10: 8, cdw12: 7 });
    },
  },
  {
    name: 'clears what it took of a completion, all but the phase',
    run: (at) => {
      const [nvme, pair, page] = ready(at);
      for (let i = 0; i < MANY; i++) {
        const taken = pair.cq + 16 * pair.head;
        pair.run(read(page, i));
        for (const word of [0, 4, 8]) nvme.port.memory.store(taken + word, 0, 4);
      }
    },
  },
];
