import { AccessTrail } from '../../src/core/access.ts';
import type { Board } from '../../src/core/board.ts';
import { Clock } from '../../src/core/clock.ts';
import { Journal } from '../../src/core/journal.ts';
import { GuestMemory } from '../../src/core/memory.ts';
import { Random } from '../../src/core/random.ts';
import { Segments } from '../../src/core/segments.ts';
import { PackedQueue } from '../../src/virtio/packed-queue.ts';
import { SplitQueue } from '../../src/virtio/split-queue.ts';
import type { Virtqueue } from '../../src/virtio/virtqueue.ts';
import { loadImage, RAM_BYTES } from '../virtqueue/image.ts';
import { answerOrders, type Order, type Outcome } from '../virtqueue/order.ts';
import { measure, type Tally } from '../virtqueue/stopwatch.ts';

/** One process measures one ring format and one way to copy: a device has one of each. */
const memory = GuestMemory.of(RAM_BYTES);
const { bytes: ram, halves, words } = memory.ranges[0]!;
const clock = new Clock();
const now = () => clock.now;
const journal = new Journal(now, new AccessTrail(now));
const board: Board = {
  memory,
  clock,
  journal,
  random: new Random(1),
  messages: { deliver: () => {} },
};

const CHAIN_BYTES_MAX = 0x1_0000;
const readable = new Segments();
const writable = new Segments();
const taken = new Uint8Array(CHAIN_BYTES_MAX);
const given = new Uint8Array(CHAIN_BYTES_MAX).fill(0x5a);

/** The driver's part: one store for a batch, and for a packed ring a copy for a lap. */
function makeOffer(order: Order): () => void {
  const { desc, driver, size, chains, stride, batch, headFlags } = order;
  const idxAt = (driver >> 1) + 1;
  if (order.packed === 0)
    return () => {
      halves[idxAt] = halves[idxAt]! + batch;
    };
  let chain = 0;
  let wrap = 1;
  return () => {
    if (chain === chains) {
      chain = 0;
      wrap ^= 1;
      const lap = wrap === 1 ? order.lap1 : order.lap0;
      ram.copyWithin(desc, lap, lap + size * 16);
    }
    const available = wrap === 1 ? 0x80 : 0x8000;
    words[(desc >> 2) + chain * stride * 4 + 3] = ((headFlags | available) << 16) | chain;
    chain += batch;
  };
}

function walk(queue: Virtqueue, offer: () => void, repeats: number): Tally {
  const { chain } = queue;
  let chains = 0;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    offer();
    while (queue.pop()) {
      chains++;
      bytes += chain.readableBytes + chain.writableBytes;
      queue.push(chain.id, chain.writableBytes);
    }
    queue.flush();
  }
  return { chains, bytes };
}

function copy(queue: Virtqueue, offer: () => void, repeats: number, answer: Uint8Array): Tally {
  const { chain } = queue;
  let chains = 0;
  let bytes = 0;
  for (let i = 0; i < repeats; i++) {
    offer();
    while (queue.pop()) {
      chains++;
      chain.resolve(readable, writable);
      const read = readable.gather(taken, 0, chain.readableBytes);
      const written = writable.scatter(answer);
      bytes += read + written;
      queue.push(chain.id, written);
    }
    queue.flush();
  }
  return { chains, bytes };
}

function carryOut(order: Order): Outcome {
  loadImage(order.image, ram);
  memory.dirty = order.monitored === 1 ? noteDirty : null;
  const queue = queueFor(order);
  queue.configure(order.desc, order.driver, order.device);
  const offer = makeOffer(order);
  const answer = given.subarray(0, order.answer);
  const outcome =
    order.copy === 0
      ? measure(order, (repeats) => walk(queue, offer, repeats))
      : measure(order, (repeats) => copy(queue, offer, repeats, answer));
  if (journal.findings.length > 0) throw new Error(`the image is at fault: ${journal.findings[0]!.said}`);
  return outcome;
}

let dirtied = 0;
function noteDirty(from: number, to: number): void {
  dirtied = (dirtied + to - from) | 0;
}

const queues = new Map<string, SplitQueue | PackedQueue>();
function queueFor(order: Order): SplitQueue | PackedQueue {
  const key = `${order.packed} ${order.size} ${order.indirect} ${order.eventIdx}`;
  const made = queues.get(key);
  if (made !== undefined) return made;
  const host = {
    board,
    queueName: () => 'bench',
    queueInterrupt: () => {},
    eventIdx: order.eventIdx === 1,
    indirect: order.indirect === 1,
    inOrder: false,
    notifyOnEmpty: false,
  };
  const queue =
    order.packed === 1 ? new PackedQueue(0, order.size, host) : new SplitQueue(0, order.size, host);
  queues.set(key, queue);
  return queue;
}

answerOrders(`guestrig on node ${process.version}`, carryOut);
