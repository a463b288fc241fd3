import { AccessTrail } from '../src/core/access.ts';
import type { Board } from '../src/core/board.ts';
import { Clock } from '../src/core/clock.ts';
import { Journal } from '../src/core/journal.ts';
import { GuestMemory } from '../src/core/memory.ts';
import { Random } from '../src/core/random.ts';
import { legacyQueueLayout, VIRTQ_DESC_F, virtq_desc } from '../src/virtio/registers.ts';
import { SplitQueue } from '../src/virtio/split-queue.ts';
import type { Subject } from './measure.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;
const RING = 0x10_0000;
const BUFFERS = 0x100_0000;
const QUEUE_SIZE = 1024;

/** What the driver offers: bytes out, then bytes in, each a descriptor. */
export interface Scenario {
  readonly name: string;
  readonly out: readonly number[];
  readonly in: readonly number[];
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'a: one buffer of 64 bytes', out: [64], in: [] },
  { name: 'b: network receive, 16 + 1500', out: [16], in: [1500] },
  { name: 'c: SCSI read, 51 + 108 + 4096', out: [51], in: [108, 4096] },
  { name: 'd: 16 segments of 4 KiB', out: [], in: new Array<number>(16).fill(4096) },
];

/**
 * The device's side alone: descriptors lie in the ring already, the driver only moves avail.idx, and the device
 * pops, pushes and publishes. Nothing is copied.
 */
export function walk({ name, out, in: input }: Scenario, batch: number): Subject {
  const { queue, memory } = rig();
  const layout = legacyQueueLayout(QUEUE_SIZE);
  const perChain = out.length + input.length;
  const chains = Math.floor(QUEUE_SIZE / perChain);
  for (let chain = 0; chain < chains; chain++) writeChain(memory, chain * perChain, out, input);
  const { halves } = memory.ranges[0]!;
  const avail = (RING + layout.avail) >> 1;
  for (let slot = 0; slot < QUEUE_SIZE; slot++) halves[avail + 2 + slot] = (slot % chains) * perChain;
  queue.configure(RING, RING + layout.avail, RING + layout.used);
  return {
    name: `${name}, batch ${batch}`,
    units: batch,
    run: () => {
      halves[avail + 1] = (halves[avail + 1]! + batch) & 0xffff;
      while (queue.pop()) queue.push(queue.chain.id, queue.chain.writableBytes);
      queue.flush();
    },
  };
}

function rig(): { queue: SplitQueue; memory: GuestMemory } {
  const clock = new Clock();
  const memory = GuestMemory.of(64 << 20);
  const now = () => clock.now;
  const journal = new Journal(now, new AccessTrail(now));
  const board: Board = { memory, clock, journal, random: new Random(1), messages: { deliver: () => {} } };
  const host = {
    board,
    queueName: () => 'bench',
    queueInterrupt: () => {},
    eventIdx: false,
    indirect: false,
    notifyOnEmpty: false,
  };
  return { queue: new SplitQueue(0, QUEUE_SIZE, host), memory };
}

function writeChain(
  memory: GuestMemory,
  first: number,
  out: readonly number[],
  input: readonly number[],
): void {
  const lengths = [...out, ...input];
  for (const [i, len] of lengths.entries()) {
    const last = i === lengths.length - 1;
    const descriptor = virtq_desc.encode({
      addr: BigInt(BUFFERS + (first + i) * 8192),
      len,
      flags: (last ? 0 : NEXT) | (i < out.length ? 0 : WRITE),
      next: last ? 0 : first + i + 1,
    });
    memory.write(RING + (first + i) * virtq_desc.size, descriptor);
  }
}
