import { describe, expect, test } from 'vitest';
import { type NicDriver, virtioNet } from '../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../src/index.ts';
import { Toeplitz } from '../src/net/frame/checksum.ts';
import { makeFrame } from '../src/net/frame/make.ts';
import { makeTunnel } from '../src/net/frame/tunnel.ts';
import { frameOf, largeFrame, segmentsOf } from '../src/net/offload/large-frame-rig.ts';
import { received } from './nics.ts';

type NicOptions = NonNullable<MachineOptions['nics']>[number];

const SECOND = 1_000_000_000;
const OWN = [0x42, 0x01, 0x0a, 0x80, 0x00, 0x02];
const ALL = [255, 255, 255, 255, 255, 255];

/** A modern card, and the reference driver that accepts all of the offer. */
function modern(options: NicOptions, interrupts: 'polled' | 'msix' = 'polled') {
  const machine = gceN1({ virtio: 'modern', nics: [options], ringFeatures: ['RING_RESET'] });
  const nic: NicDriver = machine.attach(virtioNet({ interrupts }));
  return { machine, nic, card: machine.nics[0]! };
}

/** A frame to that address. */
function frame(to: readonly number[]): Uint8Array {
  const made = makeFrame();
  made.set(to);
  return made;
}

describe('a hash', () => {
  const KEY = Uint8Array.from({ length: 40 }, (_, i) => i * 37 + 1);
  const TCPV4 = 2;
  const tcp = (port: number) => {
    const made = makeFrame();
    made[35] = port;
    return made;
  };
  const hashOf = (port: number) => new Toeplitz(KEY).add(0, tcp(port), 26, 12, 0) >>> 0;
  /** Frames that came in on a queue: the second counter of RX_BASIC. */
  const packets = (nic: NicDriver, queue: number) =>
    Number(new DataView(nic.commands.statistics(queue, 1n)!.buffer).getBigUint64(16, true));

  test('is reported in the header of a frame', () => {
    const { nic, card } = modern({ offer: ['HASH_REPORT'] });
    nic.commands.hash(TCPV4, KEY);
    card.receive(tcp(1), frame(ALL).fill(0x88, 12, 13));
    const seen = received(nic).map(() => [nic.header!.hash_report, nic.header!.hash_value]);
    expect(seen).toHaveLength(2);
    card.receive(tcp(1));
    nic.receive();
    expect(nic.header).toMatchObject({ hash_report: 2, hash_value: hashOf(1) });
  });

  test('is that of the inner packet, if the card is told to look into tunnels', () => {
    const { nic, card } = modern({ offer: ['HASH_REPORT', 'HASH_TUNNEL'] });
    const [VXLAN, GENEVE, STRANGE] = [1 << 4, 1 << 6, 1 << 9];
    const ALL_TYPES = 0x1ff;
    const tunnel = makeTunnel();
    nic.commands.hash(ALL_TYPES, KEY);
    const reported = () => {
      card.receive(tunnel);
      nic.receive();
      return [nic.header!.hash_report, nic.header!.hash_value];
    };
    const over = (from: number, count: number) => new Toeplitz(KEY).add(0, tunnel, from, count, 0) >>> 0;
    // UDP behind 14 and 20 bytes; the inner frame behind 8 and 8 more.
    const [outer, inner] = [
      [3, over(26, 12)],
      [2, over(26 + 50, 12)],
    ];
    const seen = [reported()];
    for (const types of [VXLAN, GENEVE, STRANGE, GENEVE | VXLAN, 0]) {
      nic.commands.tunnels(types);
      seen.push(reported());
    }
    expect(seen).toEqual([outer, inner, outer, outer, inner, outer]);
    nic.commands.tunnels(VXLAN);
    nic.suspend();
    nic.resume();
    nic.commands.hash(ALL_TYPES, KEY);
    expect(reported()).toEqual(outer);
  });

  test('of the inner packet selects the queue in the table', () => {
    const { nic, card } = modern({ queues: 4, offer: ['RSS', 'DEVICE_STATS', 'HASH_TUNNEL'] });
    nic.setPairs(4);
    nic.commands.steer({ table: [3, 2, 1, 0], hashTypes: TCPV4, transmit: 4, key: KEY });
    nic.commands.tunnels(1 << 4);
    const ports = Array.from({ length: 32 }, (_, i) => i);
    for (const port of ports) {
      const tunnel = makeTunnel();
      tunnel[35 + 50] = port;
      card.receive(tunnel);
    }
    expect([0, 2, 4, 6].map((queue) => packets(nic, queue))).toEqual(
      [3, 2, 1, 0].map((half) => ports.filter((port) => (hashOf(port) & 3) === half).length),
    );
  });

  test('selects the queue in the table', () => {
    const { nic, card } = modern({ queues: 4, offer: ['RSS', 'DEVICE_STATS', 'HASH_REPORT'] });
    nic.setPairs(4);
    nic.commands.steer({ table: [3, 2, 1, 0], hashTypes: TCPV4, transmit: 4, key: KEY });
    const ports = Array.from({ length: 32 }, (_, i) => i);
    for (const port of ports) card.receive(tcp(port));
    expect([0, 2, 4, 6].map((queue) => packets(nic, queue))).toEqual(
      [3, 2, 1, 0].map((half) => ports.filter((port) => (hashOf(port) & 3) === half).length),
    );
    expect(received(nic)).toHaveLength(32);
  });

  test('is refused with invalid parameters', () => {
    const { nic } = modern({ queues: 2, offer: ['RSS'] });
    const steer = (more: object) => nic.commands.steer({ table: [0, 1], transmit: 2, key: KEY, ...more });
    expect([
      steer({}),
      steer({ table: [0, 1, 0] }),
      steer({ table: [0, 2] }),
      steer({ transmit: 3 }),
      steer({ transmit: 0 }),
      steer({ key: new Uint8Array(41) }),
      steer({ hashTypes: 1 << 9 }),
    ]).toEqual([true, false, false, false, false, false, false]);
  });
});

describe('interrupts are delayed', () => {
  const offer = ['VQ_NOTF_COAL', 'NOTF_COAL'] as const;
  /** Virtual nanoseconds until the driver has the frames. */
  const within = (frames: number, moderation: { max_packets: number; max_usecs: number }) => {
    const { machine, nic, card } = modern({ offer: [...offer] }, 'msix');
    nic.commands.moderate(0, moderation);
    const before = machine.now;
    card.receive(...Array.from({ length: frames }, () => frame(OWN).fill(0x88, 12, 13)));
    nic.receiveWithin(SECOND);
    return machine.now - before;
  };

  test('until the time is over, which begins with the first packet', () => {
    expect(within(1, { max_packets: 8, max_usecs: 500 })).toBeGreaterThanOrEqual(500_000);
    expect(within(1, { max_packets: 8, max_usecs: 500 })).toBeLessThan(550_000);
  });

  test('not beyond the number of packets', () => {
    expect(within(8, { max_packets: 8, max_usecs: 500 })).toBeLessThan(100_000);
    expect(within(7, { max_packets: 8, max_usecs: 500 })).toBeGreaterThanOrEqual(500_000);
  });

  test('not at all without a time', () => {
    expect(within(1, { max_packets: 8, max_usecs: 0 })).toBeLessThan(100_000);
  });

  test('for every queue of a kind, and at once again after a reset', () => {
    const { nic } = modern({ queues: 2, offer: [...offer] });
    nic.setPairs(2);
    nic.commands.moderateAll('receive', { max_packets: 8, max_usecs: 50 });
    const asked = [0, 1, 2, 3].map((queue) => nic.commands.moderationOf(queue)!.max_usecs);
    nic.suspend();
    nic.resume();
    expect([asked, nic.commands.moderationOf(0)]).toEqual([[50, 0, 50, 0], { max_packets: 0, max_usecs: 0 }]);
  });
});

describe('statistics', () => {
  const LARGE = largeFrame({ version: 6, identification: 1, payload: new Uint8Array(3000) });
  /** The counters of one statistic. */
  const counted = (nic: NicDriver, queue: number, bit: bigint) => {
    const reply = nic.commands.statistics(queue, 1n << bit)!;
    const view = new DataView(reply.buffer);
    return Array.from({ length: (reply.length - 8) / 8 }, (_, i) =>
      Number(view.getBigUint64(8 + 8 * i, true)),
    );
  };

  test('count received packets, bytes, checksums, and joined segments', () => {
    const { nic, card } = modern({ offer: ['DEVICE_STATS'] });
    const bad = makeFrame();
    bad[50]! ^= 1;
    card.receive(...segmentsOf(LARGE, 1000));
    card.receive(makeFrame(), bad, makeFrame({ protocol: 1 }));
    const bytes = frameOf(LARGE, 'partial').length;
    expect(counted(nic, 0, 0n).slice(1, 3)).toEqual([4, bytes + 154 + 154 + 142]);
    expect([counted(nic, 0, 1n), counted(nic, 0, 2n)]).toEqual([
      [1, 1, 1, 1],
      [1, bytes, 3, bytes],
    ]);
  });

  test('count sent packets, bytes, open checksums, and segments', () => {
    const { nic } = modern({ offer: ['DEVICE_STATS'] });
    const whole = frameOf(LARGE, 'partial');
    nic.send(makeFrame());
    nic.sendTso(whole, { mss: 1000, headerLength: 74, csumStart: 54, csumOffset: 16 });
    expect(counted(nic, 1, 16n).slice(1, 3)).toEqual([2, 154 + whole.length]);
    expect([counted(nic, 1, 17n), counted(nic, 1, 18n)]).toEqual([
      [1, 1],
      [1, whole.length, 3, 3000 + 3 * 74, 0, 0],
    ]);
  });

  test('count packets without a buffer, and commands', () => {
    const { nic, card } = modern({ mergeable: false, offer: ['DEVICE_STATS'] });
    card.receive(...Array.from({ length: 5000 }, () => frame(ALL).fill(0x88, 12, 13)));
    const [, , , , drops, overruns] = counted(nic, 0, 0n);
    // 31 find one, and 4096 a place to wait.
    expect([drops, overruns]).toEqual([873, 873]);
    expect(counted(nic, 2, 32n)).toEqual([3, 3]);
  });

  test('start again with a reset', () => {
    const { nic, card } = modern({ offer: ['DEVICE_STATS'] });
    card.receive(frame(OWN));
    nic.suspend();
    nic.resume();
    expect(counted(nic, 0, 0n).slice(1, 3)).toEqual([0, 0]);
  });
});

test('segments that come one by one are joined if the card waits for more, for that long', () => {
  const { machine, nic, card } = modern({ joinWithin: 100_000 });
  const payload = new Uint8Array(3000);
  const frames = segmentsOf(largeFrame({ identification: 1, payload }), 1000);
  for (const one of frames) card.receive(one);
  const before = machine.now;
  const joined = nic.receiveWithin(SECOND);
  expect([joined?.length, nic.header?.gso_size]).toEqual([3054, 1000]);
  expect(machine.now - before).toBeGreaterThan(90_000);
});
