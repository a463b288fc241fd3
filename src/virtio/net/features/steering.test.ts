import { describe, expect, test } from 'vitest';
import { Toeplitz } from '../../../net/frame/checksum.ts';
import { FlowHash } from '../../../net/frame/flow-hash.ts';
import { PROTOCOL } from '../../../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../../../net/frame/layout.ts';
import { makeFrame } from '../../../net/frame/make.ts';
import { frameOf, largeFrame } from '../../../net/offload/large-frame-rig.ts';
import type { NetCard } from './feature.ts';
import { Steering } from './steering.ts';

const KEY = Uint8Array.from({ length: 40 }, (_, i) => i * 37 + 1);
/** NET_HASH_TYPE and NET_HASH_REPORT, by virtio 1.4's numbers. */
const [IPV4, TCPV4, UDPV4, IPV6, TCPV6, UDPV6, IP_EX, TCP_EX, UDP_EX] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const ALL = 0x1ff;
const { TCP, UDP, ICMP, ICMPV6 } = PROTOCOL;

function report(types: number, frame: Uint8Array): [report: number, value: number] {
  const hash = new FlowHash(types, KEY);
  const layout = new FrameLayout();
  findHeaders(frame, layout);
  hash.take(frame, layout);
  return [hash.report, hash.value];
}
const over = (...bytes: number[]) =>
  new Toeplitz(KEY).add(0, Uint8Array.from(bytes), 0, bytes.length, 0) >>> 0;
const [FROM4, TO4] = [
  [10, 128, 0, 2],
  [10, 128, 0, 1],
];
const six = (last: number, second = 0) => [0xfd, second, ...new Array<number>(13).fill(0), last];
const PORTS = [0xc0, 0, 0, 80];

describe('a hash is taken over', () => {
  test.each([
    ['addresses and ports of TCP', TCPV4 | IPV4, TCP, 2, PORTS],
    ['addresses and ports of UDP', UDPV4 | IPV4, UDP, 3, PORTS],
    ['addresses alone where its ports are not to be', IPV4 | UDPV4, TCP, 1, []],
    ['addresses alone of what has no ports', IPV4 | TCPV4 | UDPV4, ICMP, 1, []],
  ])('%s, over IPv4', (_, types, protocol, kind, ports) => {
    expect(report(types, makeFrame({ protocol }))).toEqual([kind, over(...FROM4, ...TO4, ...ports)]);
  });

  test.each([
    ['addresses and ports of TCP', TCPV6 | IPV6, TCP, 5, PORTS],
    ['addresses and ports of UDP', UDPV6 | IPV6, UDP, 6, PORTS],
    ['addresses alone of what has no ports', ALL, ICMPV6, 4, []],
  ])('%s, over IPv6', (_, types, protocol, kind, ports) => {
    expect(report(types, makeFrame({ version: 6, protocol }))).toEqual([
      kind,
      over(...six(2), ...six(1), ...ports),
    ]);
  });

  test.each([
    ['of a kind that was not asked for', TCPV6, makeFrame()],
    ['of no IP', ALL, makeFrame().fill(0x88, 12, 13)],
  ])('nothing %s', (_, types, frame) => {
    expect(report(types, frame)).toEqual([0, 0]);
  });

  test('addresses only for a fragment, including the first', () => {
    const fragment = makeFrame();
    fragment[20]! |= 0x20;
    expect(report(ALL, fragment)).toEqual([1, over(...FROM4, ...TO4)]);
  });

  test('the packet after VLAN tags', () => {
    expect(report(ALL, makeFrame({ tags: [0x88a8, 0x8100] }))).toEqual([2, over(...FROM4, ...TO4, ...PORTS)]);
  });

  describe('extension headers of IPv6', () => {
    const home = [201, 16, ...six(7, 1)];
    const mobile = largeFrame({
      version: 6,
      extensions: [
        { kind: 60, rest: [2, 1, 2, 0, 0, ...home] },
        { kind: 43, rest: [2, 2, 1, 0, 0, 0, 0, ...six(9, 1)] },
      ],
      payload: new Uint8Array(10),
    });
    const athome = [...six(7, 1), ...six(9, 1)];

    test.each([
      ['TCP', TCP_EX, 'tcp', 8, [...athome, ...PORTS]],
      ['UDP', UDP_EX, 'udp', 9, [...athome, ...PORTS]],
      ['addresses', IP_EX, 'tcp', 7, athome],
    ] as const)('with the addresses at home: %s', (_, types, protocol, kind, bytes) => {
      const frame = frameOf({ ...mobile, protocol }, 'complete');
      expect(report(types | TCPV6 | UDPV6 | IPV6, frame)).toEqual([kind, over(...bytes)]);
    });

    test('are skipped if their hash type is not enabled', () => {
      const frame = frameOf(mobile, 'complete');
      expect(report(TCPV6, frame)).toEqual([5, over(...six(2), ...six(1), ...PORTS)]);
    });

    test('without addresses of their own do not change the header’s', () => {
      const plain = { ...mobile, extensions: [{ kind: 60, rest: [0, 1, 4, 0, 0, 0, 0] }] };
      expect(report(ALL, frameOf(plain, 'complete'))).toEqual([8, over(...six(2), ...six(1), ...PORTS)]);
    });
  });
});

describe('steering', () => {
  const rss = {
    hashTypes: ALL,
    mask: 3,
    unclassified: 2,
    table: [0, 1, 2, 3],
    maxTx: 4,
    key: KEY,
    keyLength: 40,
    exact: true,
  };
  const arp = makeFrame().fill(0x06, 13, 14);
  const tcp = (port: number) => {
    const frame = makeFrame();
    frame[35] = port;
    return frame;
  };
  const cardOf = (receives: (pair: number) => boolean = () => true) =>
    ({ canWait: true, receives }) as unknown as NetCard;

  test('by a hash follows the table, and uses the default queue without a hash', () => {
    const steering = new Steering(cardOf());
    steering.steerBy(rss);
    const ports = Array.from({ length: 16 }, (_, i) => i);
    expect(ports.map((port) => steering.pairFor(tcp(port)))).toEqual(
      ports.map((port) => over(...FROM4, ...TO4, 0xc0, port, 0, 80) & 3),
    );
    expect(new Set(ports.map((port) => steering.pairFor(tcp(port)))).size).toBe(4);
    expect(steering.pairFor(arp)).toBe(2);
  });

  test('by a hash drops frames while the queue is reset', () => {
    const steering = new Steering(cardOf((pair) => pair !== 2));
    steering.steerBy(rss);
    expect(steering.pairFor(arp)).toBe(-1);
  });

  test('by the card follows the guest, over both IP versions, and avoids reset queues', () => {
    let gone = -1;
    const steering = new Steering(cardOf((pair) => pair !== gone));
    steering.steerOn(4);
    const frames = [tcp(1), makeFrame({ version: 6 })];
    for (const [i, frame] of frames.entries()) steering.sent(frame, i + 2);
    const seen = [frames.map((frame) => steering.pairFor(frame))];
    gone = 2;
    seen.push(frames.map((frame) => steering.pairFor(frame)));
    expect(seen).toEqual([
      [2, 3],
      [0, 3],
    ]);
  });

  test('by a hash ends with VQ_PAIRS_SET, and with a reset', () => {
    const steering = new Steering(cardOf());
    steering.steerBy(rss);
    steering.steerOn(4);
    const seen = [steering.pairFor(arp)];
    steering.steerBy(rss);
    steering.reset();
    expect([...seen, steering.pairFor(arp), steering.reporter]).toEqual([0, 0, null]);
  });
});
