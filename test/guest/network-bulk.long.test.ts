import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { gceN1, gceNetwork, Impaired, type Impairments, type Machine } from '../../src/index.ts';
import type { VirtioNic } from '../../src/machine/devices/nic.ts';
import { RX_COUNT, Statistics, TX_COUNT } from '../../src/virtio/net/features/statistics.ts';
import { partOf } from '../repeats.ts';
import { busyboxHost, digestOf, randomBytes, saidBy } from './busybox.ts';
import { RAM } from './guest.ts';

const LIMIT = 900_000_000_000;
const BYTES = 64 << 20;
const PORT = 9000;
/** `cat` sends by `sendfile`: Linux then has more to send than a frame holds. */
const TODO = `
wget -q -O /tmp/bytes http://10.3.2.1/bytes
echo "report: received $(md5sum < /tmp/bytes)"
nc 10.3.2.1 ${PORT} -e cat /tmp/bytes
`;

/** Counts as if the driver had accepted DEVICE_STATS, for which the legacy interface has no bit. */
function counting({ nics: [nic] }: Machine): Statistics {
  const { device } = nic as VirtioNic;
  const statistics = new Statistics(device);
  Object.defineProperty(device.features, 'statistics', { get: () => statistics, set: () => {} });
  return statistics;
}

/** The counts of frames that the card joined, and of frames that it cut. */
function countsOf(statistics: Statistics) {
  const [received, sent] = [0, 1].map((queue) => statistics.of(queue));
  return {
    joined: received!.gso[RX_COUNT.GSO_PACKETS]!,
    joinedOf: received!.gso[RX_COUNT.GSO_PACKETS_COALESCED]!,
    joinedBytes: received!.gso[RX_COUNT.GSO_BYTES]!,
    cut: sent!.gso[TX_COUNT.GSO_PACKETS]!,
    cutInto: sent!.gso[TX_COUNT.GSO_SEGMENTS]!,
    cutBytes: sent!.gso[TX_COUNT.GSO_BYTES]!,
  };
}

/** Linux receives bytes over TCP, and sends them back. */
async function carry(bytes: Uint8Array, weather: Impairments, joinWithin: number) {
  const network = gceNetwork({ metadata: { instance: { attributes: { 'startup-script': TODO } } } });
  const back = createHash('md5');
  let ended = false;
  network.http('/bytes', bytes);
  network.tcp(PORT, (socket) => {
    socket.onData = (got) => back.update(got);
    socket.onEnd = () => {
      ended = true;
    };
  });
  const backend = new Impaired(network, weather);
  const machine = gceN1({ memory: { below4G: RAM }, nics: [{ backend, joinWithin }] });
  const statistics = counting(machine);
  const host = await busyboxHost(machine);
  await host.run({ limit: LIMIT, until: () => ended });
  await host.close();
  return {
    received: saidBy(machine).get('received'),
    returned: `${back.digest('hex')}  -`,
    counts: countsOf(statistics),
  };
}

/** How many frames on the wire Linux gets or sends as one, and the least share of all bytes that is moved so. */
const WIRES: readonly (readonly [
  wire: string,
  weather: Impairments,
  joinWithin: number,
  frames: number,
  share: number,
])[] = [
  ['a good wire', {}, 0, 40, 0.95],
  [
    'a wire that loses 2 % of all frames, and has others overtaken',
    { loss: 0.02, reorder: 0.05, delay: 200_000 },
    100_000,
    2,
    0.5,
  ],
];

describe.each(partOf(WIRES, 2))('Linux on %s, with 64 MiB', (_wire, weather, joinWithin, frames, share) => {
  const bytes = randomBytes(BYTES);
  let carried: Awaited<ReturnType<typeof carry>>;

  beforeAll(async () => {
    carried = await carry(bytes, weather, joinWithin);
  });

  test('receives them', () => {
    expect(carried.received).toBe(digestOf('md5', bytes));
  });

  test('sends them back', () => {
    expect(carried.returned).toBe(digestOf('md5', bytes));
  });

  test('receives frames that are joined', () => {
    const { joined, joinedOf, joinedBytes } = carried.counts;

    expect(joinedOf / joined).toBeGreaterThan(frames);
    expect(joinedBytes).toBeGreaterThan(BYTES * share);
  });

  test('sends frames that are to be cut', () => {
    const { cut, cutInto, cutBytes } = carried.counts;

    expect(cutInto / cut).toBeGreaterThan(frames);
    expect(cutBytes).toBeGreaterThan(BYTES * share);
  });
});
