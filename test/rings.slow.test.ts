import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BitSet } from '../src/core/bit-set.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import type { GuestMemory } from '../src/core/memory.ts';
import { Rig } from '../src/core/rig.ts';
import { Segments } from '../src/core/segments.ts';
import { DriverPackedQueue as DriverPacked } from '../src/guest/virtio/driver-packed-queue.ts';
import { DriverSplitQueue as DriverSplit } from '../src/guest/virtio/driver-split-queue.ts';
import { gceN1 } from '../src/index.ts';
import { PackedQueue } from '../src/virtio/queue/packed-queue.ts';
import type { QueueHost, RingQueue } from '../src/virtio/queue/ring.ts';
import { SplitQueue } from '../src/virtio/queue/split-queue.ts';
import { FEATURE, legacyQueueLayout } from '../src/virtio/registers.ts';

/** GUESTRIG_FUZZ multiplies the runs. */
const RUNS = 150 * Number(process.env['GUESTRIG_FUZZ'] ?? 1);
const ROOM = 64;

interface Format {
  readonly name: string;
  /** Both ends of one ring, in the RAM of `port`. */
  connect(
    port: GuestPort,
    host: QueueHost,
    size: number,
    features: BitSet,
  ): { driver: DriverEnd; device: RingQueue };
}
type DriverEnd = Pick<DriverSplit, 'add' | 'publish' | 'take' | 'free' | 'cost' | 'size' | 'drain'>;

const FORMATS: readonly Format[] = [
  {
    name: 'split',
    connect(port, host, size, features) {
      const driver = new DriverSplit(port, { index: 0, size, features });
      const device = new SplitQueue(0, size, host);
      const { avail, used } = legacyQueueLayout(size);
      device.configure(driver.address, driver.address + avail, driver.address + used);
      return { driver, device };
    },
  },
  {
    name: 'packed',
    connect(port, host, size, features) {
      const driver = new DriverPacked(port, { index: 0, size, features });
      const device = new PackedQueue(0, size, host);
      device.configure(driver.areas.desc, driver.areas.driver, driver.areas.device);
      return { driver, device };
    },
  },
];

/** One machine's RAM serves every run: rings are allocated and never given back. */
class World extends Rig {
  interrupts = 0;
  readonly host: QueueHost;
  readonly driver: DriverEnd;
  readonly device: RingQueue;
  readonly port: GuestPort;

  constructor(format: Format, size: number, eventIdx: boolean, indirect: boolean) {
    const machine = gceN1({ memory: { below4G: 8 << 20 }, disks: [], nics: [] });
    super(machine.chassis.board.memory as GuestMemory);
    this.port = machine.port;
    this.host = {
      board: this.board,
      queueInterrupt: () => this.interrupts++,
      eventIdx,
      indirect,
      inOrder: false,
      notifyOnEmpty: false,
    };
    const features = BitSet.of([
      ...(eventIdx ? [FEATURE.EVENT_IDX] : []),
      ...(indirect ? [FEATURE.INDIRECT_DESC] : []),
    ]);
    const { driver, device } = format.connect(this.port, this.host, size, features);
    this.driver = driver;
    this.device = device;
  }
}

/** Actions on both ends; an independent model keeps the bytes in flight by the driver's own data. */
const action = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    out: fc.integer({ min: 0, max: 3 }),
    room: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ kind: fc.constant('publish' as const), out: fc.constant(0), room: fc.constant(0) }),
  fc.record({ kind: fc.constant('pop' as const), out: fc.constant(0), room: fc.constant(0) }),
  fc.record({
    kind: fc.constant('finish' as const),
    out: fc.integer({ min: 0, max: 7 }),
    room: fc.constant(0),
  }),
  fc.record({ kind: fc.constant('take' as const), out: fc.constant(0), room: fc.constant(0) }),
);

interface Sent {
  readonly bytes: number[];
  readonly answers: { address: number; length: number }[];
}

/** Drives both ends at random, with a model of what must hold; returns the errors, if any. */
class Play {
  readonly world: World;
  private readonly waiting: { id: number; sent: Sent }[] = [];
  private visible = 0;
  private readonly held: { id: number; sent: Sent }[] = [];
  private readonly done = new Map<number, { sent: Sent; answer: number[] }>();
  private serial = 0;
  private readonly readable = new Segments();
  private readonly writable = new Segments();
  readonly wrong: string[] = [];

  constructor(world: World) {
    this.world = world;
  }

  add(out: number, room: number): void {
    const { driver, port } = this.world;
    const total = Math.max(1, out + room);
    if (total > driver.size) return;
    const sent: Sent = { bytes: [], answers: [] };
    const readable = Array.from({ length: total - room }, () => {
      const length = 1 + (this.serial % 7);
      const address = port.allocate(ROOM, 8);
      for (let i = 0; i < length; i++) {
        const byte = (this.serial = (this.serial + 1) & 0xff);
        port.memory.store(address + i, byte, 1);
        sent.bytes.push(byte);
      }
      return { address, length };
    });
    sent.answers.push(
      ...Array.from({ length: room }, () => ({ address: port.allocate(ROOM, 8), length: 3 })),
    );
    const full = driver.cost(total) > driver.free;
    const id = driver.add(readable, sent.answers);
    if ((id === null) !== full) this.wrong.push('add did not say whether there was room');
    if (id !== null) this.waiting.push({ id, sent });
  }

  publish(): void {
    this.world.driver.publish();
    this.visible = this.waiting.length;
  }

  /** The device takes the next chain: it must be the oldest published, with the same bytes. */
  pop(): void {
    const { device } = this.world;
    const popped = device.pop();
    if (popped !== this.visible > 0) this.wrong.push(`pop said ${popped} with ${this.visible} visible`);
    if (!popped) return;
    this.visible--;
    const { id, sent } = this.waiting.shift()!;
    device.chain.resolve(this.readable, this.writable);
    const bytes = new Uint8Array(this.readable.total);
    this.readable.gather(bytes);
    if (device.chain.id !== id) this.wrong.push(`chain ${device.chain.id} came instead of ${id}`);
    if ([...bytes].join() !== sent.bytes.join()) this.wrong.push('other bytes came than went in');
    if (this.writable.total !== sent.answers.length * 3) this.wrong.push('other room came than went in');
    const answer = Array.from({ length: this.writable.total }, (_, i) => (sent.bytes.length * 16 + i) & 0xff);
    this.writable.scatter(Uint8Array.from(answer));
    this.held.push({ id, sent });
    this.done.set(id, { sent, answer });
  }

  /** The device finishes one of those it holds, not always the oldest. */
  finish(which: number): void {
    const [one] = this.held.splice(which % Math.max(1, this.held.length), 1);
    if (one === undefined) return;
    this.world.device.push(one.id, this.done.get(one.id)!.answer.length);
    this.world.device.flush();
  }

  take(): void {
    const { driver, port } = this.world;
    const used = driver.take();
    if (used === null) return;
    const known = this.done.get(used.id);
    this.done.delete(used.id);
    if (known === undefined) this.wrong.push(`${used.id} came back and was not out`);
    else if (used.length !== known.answer.length) this.wrong.push('another length came back');
    else {
      const bytes = known.sent.answers.flatMap(({ address, length }) =>
        Array.from({ length }, (_, i) => port.memory.load(address + i, 1)),
      );
      if (bytes.join() !== known.answer.join()) this.wrong.push('another answer came back');
    }
  }
}

describe.each(FORMATS)('the $name ring', (format) => {
  test('returns all data unchanged, in any order of both sides, over many wraps', () => {
    // 1 and 3 are sizes that only a packed ring may have.
    const sizes = format.name === 'packed' ? [1, 3, 4, 7, 8] : [1, 2, 4, 8];
    fc.assert(
      fc.property(
        fc.constantFrom(...sizes),
        fc.boolean(),
        fc.boolean(),
        fc.array(action, { minLength: 60, maxLength: 120, size: 'max' }),
        (size, eventIdx, indirect, actions) => {
          const play = new Play(new World(format, size, eventIdx, indirect));

          for (const { kind, out, room } of actions) {
            if (kind === 'add') play.add(out, room);
            else if (kind === 'finish') play.finish(out);
            else play[kind]();
          }

          expect(play.wrong).toEqual([]);
          expect(play.world.findings).toEqual([]);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('has no events when neither side asked', () => {
    const world = new World(format, 8, true, false);
    const { driver, device, port } = world;
    const segment = [{ address: port.allocate(16, 16), length: 16 }];
    device.pop();
    driver.drain(() => {});
    driver.add(segment, []);
    driver.publish();

    // The device has not run dry since, and the driver has not looked: one event each is all that was asked for.
    driver.add(segment, []);
    const kicked = driver.publish();
    for (let i = 0; i < 2; i++) {
      device.pop();
      device.push(device.chain.id, 0);
      device.flush();
    }

    expect([kicked, world.interrupts]).toEqual([false, 1]);
  });

  test('is kicked and interrupted whenever the other side asked for it', () => {
    const world = new World(format, 4, true, false);
    const { driver, device, port } = world;
    const segment = [{ address: port.allocate(16, 16), length: 16 }];
    const kicks: boolean[] = [];

    // The device asks for a kick when it runs dry; three rounds lap a ring of four.
    for (let round = 0; round < 3; round++) {
      device.pop();
      driver.add(segment, []);
      driver.add(segment, []);
      kicks.push(driver.publish());
      while (device.pop()) device.push(device.chain.id, 0);
      device.flush();
      driver.drain(() => {});
    }

    expect([kicks, world.interrupts]).toEqual([[true, true, true], 3]);
  });
});
