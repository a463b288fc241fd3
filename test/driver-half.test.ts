import { describe, expect, test } from 'vitest';
import {
  acceptable,
  BitSet,
  DriverPackedQueue,
  type DriverQueue,
  DriverSplitQueue,
  driverQueue,
  enumerate,
  FEATURE,
  type GuestPort,
  isVirtio,
  TRANSPORT_FEATURES,
  VirtioDriver,
} from '../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../src/index.ts';

const SECOND = 1_000_000_000;
/** Enough requests to go round rings of 64 more than once. */
const ROUNDS = 150;

const MACHINES: readonly { name: string; options: MachineOptions }[] = [
  { name: 'legacy', options: {} },
  { name: 'modern, split, all', options: { virtio: 'modern', ringFeatures: [...all()] } },
  { name: 'modern, packed, all', options: { virtio: 'modern', ringFeatures: ['RING_PACKED', ...all()] } },
];

function all() {
  return ['INDIRECT_DESC', 'EVENT_IDX', 'IN_ORDER', 'NOTIFICATION_DATA', 'RING_RESET'] as const;
}

/** A user's driver of an entropy device, from the exported parts. */
class Entropy {
  readonly device: VirtioDriver;
  private readonly queue: DriverQueue;
  private readonly came: number[] = [];

  constructor(port: GuestPort, bdf: number) {
    this.device = new VirtioDriver(port, bdf, 'entropy');
    this.device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    this.queue = this.device.addQueue(0, () => this.queue.drain((_id, length) => this.came.push(length)));
    this.device.ready();
  }

  /** Requests two buffers in one chain; returns how many bytes were written. */
  ask(): number {
    const { port } = this.device;
    const buffers = [16, 48].map((length) => ({ address: port.allocate(length, 1), length }));
    this.queue.add([], buffers);
    this.device.kick(this.queue);
    this.device.waitFor(() => this.came.length > 0, SECOND, 'nothing came');
    for (const { address } of buffers) port.release(address);
    return this.came.shift()!;
  }
}

describe.each(MACHINES)("the exported half of a driver, on guestrig's device: $name", ({ options }) => {
  const start = () => {
    const machine = gceN1({ ...options, rng: true, nics: [], disks: [] });
    const { bdf } = enumerate(machine.port).find(({ id }) => isVirtio(id, 'rng'))!;
    return { machine, entropy: new Entropy(machine.port, bdf) };
  };

  test('goes round its ring, breaks no rule, and releases everything', () => {
    const { machine, entropy } = start();

    const lengths = Array.from({ length: ROUNDS }, () => entropy.ask());
    entropy.device.close();

    expect(new Set(lengths)).toEqual(new Set([64]));
    expect(machine.findings).toEqual([]);
  });
});

test.each(['polled', 'intx', 'msix'] as const)(
  'one queue is taken back and set up anew, while the device runs: %s',
  (interrupts) => {
    const options: MachineOptions = { virtio: 'modern', ringFeatures: ['RING_RESET'], rng: true };
    const machine = gceN1({ ...options, nics: [], disks: [] });
    const { bdf } = enumerate(machine.port).find(({ id }) => isVirtio(id, 'rng'))!;
    const device = new VirtioDriver(machine.port, bdf, 'entropy', { interrupts });
    device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
    const buffer = { address: machine.port.allocate(64, 1), length: 64 };
    const served: string[] = [];
    const first = device.addQueue(0, () => served.push('first'));
    device.ready();

    device.resetQueue(first);
    const second = device.addQueue(0, () => second.drain((_id, length) => served.push(`second ${length}`)));
    second.add([], [buffer]);
    device.kick(second);
    device.wait(() => served.length > 0, SECOND);

    expect([served, machine.findings]).toEqual([['second 64'], []]);
  },
);

/** The device's end of a ring by hand, after virtio 1.4, 2.7 and 2.8; it uses runs of chains by their last. */
const DEVICES = [
  {
    name: 'split',
    bits: [],
    use(port: GuestPort, { areas, size }: DriverQueue, at: number, run: readonly number[], length: number) {
      const entry = areas.device + 4 + 8 * (at % size);
      port.memory.store(entry, run.at(-1)!, 4);
      port.memory.store(entry + 4, length, 4);
      port.memory.store(areas.device + 2, at + run.length, 2);
    },
  },
  {
    name: 'packed',
    bits: [FEATURE.RING_PACKED],
    use(port: GuestPort, { areas, size }: DriverQueue, at: number, run: readonly number[], length: number) {
      const slot = areas.desc + 16 * (at % size);
      port.memory.store(slot + 8, length, 4);
      port.memory.store(slot + 12, run.at(-1)!, 2);
      // AVAIL and USED are the wrap counter.
      port.memory.store(slot + 14, at % (2 * size) < size ? 0x8080 : 0, 2);
    },
  },
] as const;

describe.each(DEVICES)('the exported $name queue, with IN_ORDER', ({ bits, use }) => {
  const { port } = gceN1({ nics: [], disks: [] });
  const segment = { address: port.allocate(64, 16), length: 64 };
  const start = () =>
    driverQueue(port, { index: 0, size: 4, features: BitSet.of([...bits, FEATURE.IN_ORDER]) });

  test('takes back a run that the device reported by its last chain, the earlier ones as fully written', () => {
    const queue = start();
    const ids = [1, 2, 3].map(() => queue.add([], [segment])!);
    queue.publish();

    use(port, queue, 0, ids, 5);
    const came = [queue.take(), queue.take(), queue.take(), queue.take()];

    expect(came).toEqual([
      { id: ids[0], length: 64 },
      { id: ids[1], length: 64 },
      { id: ids[2], length: 5 },
      null,
    ]);
    expect(queue.free).toBe(4);
  });

  test('finds the next run where the last one ends, lap after lap', () => {
    const queue = start();
    const came: (number | undefined)[] = [];

    for (let at = 0; at < 33; at += 3) {
      const ids = [1, 2, 3].map(() => queue.add([segment], [])!);
      queue.publish();
      use(port, queue, at, ids, 0);
      queue.drain((id) => came.push(ids.indexOf(id)));
    }

    expect(came).toEqual(Array.from({ length: 33 }, (_, i) => i % 3));
  });

  test('refuses a chain that the device does not have', () => {
    const queue = start();
    queue.add([segment], []);
    queue.publish();

    use(port, queue, 0, [3], 0);

    expect(() => queue.take()).toThrow('the device gave back 3, which it did not have');
  });
});

describe('the data of a notification', () => {
  const { port } = gceN1({ nics: [], disks: [] });
  const segment = { address: port.allocate(64, 16), length: 64 };
  const fill = (queue: DriverQueue, chains: number) => {
    for (let i = 0; i < chains; i++) queue.add([segment], []);
    queue.publish();
    return queue.position;
  };

  test('is avail.idx for a split ring', () => {
    expect(fill(new DriverSplitQueue(port, { index: 0, size: 4, features: new BitSet() }), 4)).toBe(4);
  });

  test('is a slot and the wrap counter for a packed ring', () => {
    const positions = [3, 4].map((chains) =>
      fill(new DriverPackedQueue(port, { index: 0, size: 4, features: new BitSet() }), chains),
    );

    expect(positions).toEqual([0x8003, 0]);
  });
});
