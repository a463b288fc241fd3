import { AccessTrail } from '../../src/core/access.ts';
import type { Board } from '../../src/core/board.ts';
import { Clock } from '../../src/core/clock.ts';
import { Journal } from '../../src/core/journal.ts';
import { GuestMemory } from '../../src/core/memory.ts';
import { Random } from '../../src/core/random.ts';
import type { HasBuffer } from '../../src/core/wasm/kernels.ts';
import { QueueWatch } from '../../src/rules/virtio/queue/queue-watch.ts';
import { Batch } from '../../src/virtio/queue/batch/batch.ts';
import { PackedQueue } from '../../src/virtio/queue/packed-queue.ts';
import type { RingQueue } from '../../src/virtio/queue/ring.ts';
import { SplitQueue } from '../../src/virtio/queue/split-queue.ts';
import type { Virtqueue } from '../../src/virtio/queue/virtqueue.ts';
import { loadImage, RAM_BYTES } from '../virtqueue/image.ts';
import { answerOrders, type Order, type Outcome } from '../virtqueue/order.ts';
import { measure, type Tally } from '../virtqueue/stopwatch.ts';
import { walk } from './walk.ts';

/** Node has it; the types that we compile with name it only as a namespace. */
declare const WebAssembly: { readonly Memory: new (size: { initial: number }) => HasBuffer };

const CHAIN_BYTES_MAX = 0x1_0000;
const STAGING_BYTES = 4 * CHAIN_BYTES_MAX;
const WASM_PAGES = (RAM_BYTES + STAGING_BYTES) >> 16;

/**
 * One process measures one ring format and one way to copy, with all drivers watched or none, as a device has one of
 * each.
 */
const [build = 'plain'] = process.argv.slice(2);
const memory =
  build !== 'plain'
    ? GuestMemory.of(RAM_BYTES, new WebAssembly.Memory({ initial: WASM_PAGES }), undefined, STAGING_BYTES)
    : GuestMemory.of(RAM_BYTES);
const { bytes: ram, halves, words } = memory.ranges[0]!;
const clock = new Clock();
const journal = new Journal(clock, new AccessTrail(clock));
const board: Board = {
  memory,
  clock,
  random: new Random(1),
  messages: { deliver: () => {} },
};

const taken = memory.staging(CHAIN_BYTES_MAX);
const given = memory.staging(CHAIN_BYTES_MAX);
given.bytes.fill(0x5a);

/** The driver's part, for a split ring: one store per batch. */
class SplitDriver {
  private idxAt = 0;
  private batch = 0;

  start({ driver, batch }: Order): void {
    this.idxAt = (driver >> 1) + 1;
    this.batch = batch;
  }

  offer(): void {
    halves[this.idxAt] = halves[this.idxAt]! + this.batch;
  }
}

/** The same for a packed ring, which also needs a copy per lap. */
class PackedDriver {
  private order: Order | null = null;
  private chain = 0;
  private batch = 0;
  private headWord = 0;
  private step = 0;
  /** Flags of the head and zeros for its ID. */
  private flags = 0;
  private wrap = 1;

  start(order: Order): void {
    this.order = order;
    this.batch = order.batch;
    this.step = order.batch * order.stride * 4;
    this.wrap = 1;
    this.enterLap();
  }

  offer(): void {
    if (this.chain === this.order!.chains) this.nextLap();
    words[this.headWord] = this.flags | this.chain;
    this.headWord += this.step;
    this.chain += this.batch;
  }

  private nextLap(): void {
    const { desc, size, lap0, lap1 } = this.order!;
    this.wrap ^= 1;
    const lap = this.wrap === 1 ? lap1 : lap0;
    ram.copyWithin(desc, lap, lap + size * 16);
    this.enterLap();
  }

  private enterLap(): void {
    const { desc, headFlags } = this.order!;
    this.chain = 0;
    this.headWord = (desc >> 2) + 3;
    this.flags = (headFlags | (this.wrap === 1 ? 0x80 : 0x8000)) << 16;
  }
}

type Driver = SplitDriver | PackedDriver;
const drivers: readonly Driver[] = [new SplitDriver(), new PackedDriver()];

function copy(queue: Virtqueue, driver: Driver, repeats: number, answer: number): Tally {
  const { chain } = queue;
  let chains = 0;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    driver.offer();
    while (queue.pop()) {
      chains++;
      const read = chain.gather(taken);
      const written = chain.scatter(given, answer);
      bytes += read + written;
      queue.push(chain.id, written);
    }
    queue.flush();
  }
  return { chains, bytes };
}

const BATCH = { chains: 32, spans: 512 };
const walked = new Batch(memory, { ...BATCH, slot: 0 });
const copied = new Batch(memory, { ...BATCH, slot: 64 });

/** Like a device that takes batches, and the rest one by one. */
function batches(queue: Virtqueue, driver: Driver, order: Order, repeats: number): Tally {
  const { chain } = queue;
  const copies = order.copy !== 0;
  const batch = copies ? copied : walked;
  let chains = 0;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    driver.offer();
    for (let count = queue.take(batch); count > 0; count = queue.take(batch)) {
      chains += count;
      for (let k = 0; k < count; k++) {
        const room = batch.writableBytes(k);
        bytes += batch.readableBytes(k) + room;
        if (copies) batch.answer(k, given, order.answer);
        else batch.finish(k, room);
      }
      queue.give(batch);
    }
    while (queue.pop()) {
      chains++;
      bytes += chain.readableBytes + chain.writableBytes;
      if (copies) chain.gather(taken);
      queue.push(chain.id, copies ? chain.scatter(given, order.answer) : chain.writableBytes);
    }
    queue.flush();
  }
  return { chains, bytes };
}

function carryOut(order: Order): Outcome {
  loadImage(order.image, ram);
  const queue = queueFor(order);
  queue.configure(order.desc, order.driver, order.device);
  const driver = drivers[order.packed]!;
  driver.start(order);
  const outcome =
    build === 'batch'
      ? measure(order, (repeats) => batches(queue, driver, order, repeats))
      : order.copy === 0
        ? measure(order, (repeats) => walk(queue, driver, repeats))
        : measure(order, (repeats) => copy(queue, driver, repeats, order.answer));
  if (journal.findings.length > 0) throw new Error(`the image is at fault: ${journal.findings[0]!.said}`);
  return outcome;
}

const queues = new Map<string, RingQueue>();
function queueFor(order: Order): RingQueue {
  const key = `${order.packed} ${order.size} ${order.indirect} ${order.eventIdx} ${order.monitored}`;
  const made = queues.get(key);
  if (made !== undefined) return made;
  const host = {
    board,
    queueInterrupt: () => {},
    eventIdx: order.eventIdx === 1,
    indirect: order.indirect === 1,
    inOrder: false,
    notifyOnEmpty: false,
  };
  const ring =
    order.packed === 1 ? new PackedQueue(0, order.size, host) : new SplitQueue(0, order.size, host);
  ring.events = order.monitored === 1 ? new QueueWatch(() => 'bench', journal, memory) : null;
  queues.set(key, ring);
  return ring;
}

answerOrders(`guestrig, ${build} copy, on node ${process.version}`, carryOut);
