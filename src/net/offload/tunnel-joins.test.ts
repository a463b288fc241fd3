import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { put16 } from '../../core/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';
import { makeFrame } from '../frame/make.ts';
import { makeTunnel, type TunnelOptions, tunnelPartsOf } from '../frame/tunnel.ts';
import type { Coalesced } from './coalesced.ts';
import { Coalescer } from './coalescer.ts';
import { arrivalsOf, coalesce } from './coalescer-rig.ts';
import { type Joins, NO_JOINS } from './joins.ts';
import { Segmenter } from './segmenter.ts';

const UDP = 17;
const INNER: Joins = { ...NO_JOINS, tcp4: true, tcp6: true, udp4: true, udp6: true, ecn: true };
const TUNNELS: Joins = { ...INNER, tunnels: true };
const ALL: Joins = { ...TUNNELS, tunnelSums: true };
const MSS = 100;
/** Outer headers: 14 bytes of Ethernet, 20 of IP, then UDP; then VXLAN, then a frame with IPv4. */
const [IP, TRANSPORT, VNI, INNER_IP] = [14, 34, 46, 64];
const CWR = 0x80;

/** As segments of a large packet in its tunnel. */
function cut(
  frame: Uint8Array,
  kind: NonNullable<Coalesced['cut']>,
  size: number,
  within: number,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  new Segmenter().segment(frame, kind, size, { send: (one) => frames.push(one.slice()) }, within);
  return frames;
}

function three(options: TunnelOptions = {}): Uint8Array[] {
  const inner = {
    ...options.inner,
    payload: Uint8Array.from({ length: 250 }, (_, i) => i),
    sum: 'partial',
  } as const;
  const { innerNetwork } = tunnelPartsOf({ ...options, inner });
  const tcp = inner.version === 6 ? 'TCPV6' : 'TCPV4';
  return cut(makeTunnel({ ...options, inner }), inner.protocol === UDP ? 'UDP_L4' : tcp, MSS, innerNetwork);
}

const counts = (frames: readonly Uint8Array[], joins = ALL) =>
  coalesce(joins, frames).map(({ segments }) => segments);

/** Changed, with the outer IP header's checksum set. */
function changed(frame: Uint8Array, edit: (frame: Uint8Array) => void): Uint8Array {
  const copy = frame.slice();
  edit(copy);
  put16(copy, IP + 10, 0);
  put16(copy, IP + 10, internetChecksum(copy, IP, IP + 20));
  return copy;
}

const versions = fc.constantFrom(4 as const, 6 as const);
const anyTunnel = fc.record({
  version: versions,
  sum: fc.constantFrom('partial' as const, 'none' as const),
  tags: fc.constantFrom([], [0x8100]),
  inner: fc.record({
    version: versions,
    protocol: fc.constantFrom(6, UDP),
    tags: fc.constantFrom([], [0x8100]),
    flags: fc.constantFrom(0x10, 0x10 | CWR, 0x18),
    payload: fc.uint8Array({ minLength: 2, maxLength: 500 }),
    sum: fc.constant('partial' as const),
  }),
});

describe('segments in a tunnel over UDP', () => {
  test('become the original large packet in its tunnel, and that is cut into the same', () => {
    fc.assert(
      fc.property(anyTunnel, fc.integer({ min: 1, max: 499 }), (options, size) => {
        fc.pre(options.inner.payload.length > size);
        const large = makeTunnel(options);
        const { innerNetwork, outerTransport, innerTransport, payload, field } = tunnelPartsOf(options);
        const { version, protocol } = options.inner;
        const kind = protocol === UDP ? 'UDP_L4' : version === 4 ? 'TCPV4' : 'TCPV6';
        const segments = cut(large, kind, size, innerNetwork);
        const [joined, ...more] = coalesce(ALL, segments);
        expect([joined, more]).toEqual([
          {
            frame: large,
            segments: segments.length,
            cut: kind,
            gsoSize: size,
            headerLength: payload,
            csumStart: innerTransport,
            csumOffset: field,
            within: innerNetwork,
            outerTransport,
            outerOpen: options.sum === 'partial',
            ecn: protocol === 6 && (options.inner.flags & CWR) !== 0,
            duplicates: 0,
            pieces: null,
            sums: options.sum === 'partial' ? 'good' : 'none',
          },
          [],
        ]);
        expect(cut(joined!.frame, kind, size, joined!.within)).toEqual(segments);
      }),
    );
  });

  test('of several flows and tunnels come exactly and in order, despite loss', () => {
    const flow = fc.tuple(fc.nat(3), fc.nat(3), anyTunnel);
    fc.assert(
      fc.property(
        fc.array(flow, { minLength: 1, maxLength: 9 }),
        fc.array(fc.tuple(fc.nat(8), fc.nat(7)), { maxLength: 60 }),
        (flows, steps) => {
          const left = flows.map(([port, , options], i) => {
            const frames = three({ ...options, inner: { ...options.inner, port: 1000 + port } });
            // The sender's address identifies the flow.
            for (const frame of frames) frame[5] = i;
            return frames;
          });
          const arrivals = arrivalsOf(left, steps);
          const apart = coalesce(ALL, arrivals).flatMap(({ frame, cut: kind, gsoSize, within }) =>
            kind === null ? [frame] : cut(frame, kind, gsoSize, within),
          );
          const perFlow = (frames: readonly Uint8Array[]) =>
            flows.map((_, i) => frames.filter((frame) => frame[5] === i));
          expect(perFlow(apart)).toEqual(perFlow(arrivals));
        },
      ),
      { numRuns: 50 },
    );
  });

  test.each([
    ['does not take tunnels', INNER, {}],
    ['does not take sums around open, where there are any', TUNNELS, { sum: 'complete' }],
    ['does not take TCP over IPv4', { ...ALL, tcp4: false }, {}],
    ['does not take UDP', { ...ALL, udp4: false }, { inner: { protocol: UDP } }],
  ] as const)('are delivered one by one to a guest that %s', (_, joins, options) => {
    expect(counts(three(options), joins)).toEqual([1, 1, 1]);
  });

  const [FIRST, SECOND] = three() as [Uint8Array, Uint8Array, Uint8Array];
  test.each([
    ['of another network', changed(SECOND, (frame) => frame.fill(9, VNI, VNI + 1))],
    ['from another port around', changed(SECOND, (frame) => put16(frame, TRANSPORT, 7))],
    ['from another place around', changed(SECOND, (frame) => frame.fill(9, IP + 15, IP + 16))],
    ['that met congestion', changed(SECOND, (frame) => frame.fill(3, IP + 1, IP + 2))],
    ['whose identification around is another', changed(SECOND, (frame) => put16(frame, IP + 4, 7))],
    ['that has a sum around', three({ sum: 'complete' })[1]!],
    ['with padding behind', Uint8Array.from([...SECOND, 0, 0])],
    ['whose length around is another', changed(SECOND, (frame) => put16(frame, TRANSPORT + 4, 20))],
    ['whose payload is spoiled', SECOND.map((byte, i) => (i === SECOND.length - 1 ? byte ^ 1 : byte))],
    ['whose header within is spoiled', SECOND.map((byte, i) => (i === INNER_IP + 1 ? byte ^ 1 : byte))],
    ['that is not in a tunnel', makeFrame({ payload: new Uint8Array(MSS) })],
  ])('are not joined to one %s', (_, other) => {
    expect(coalesce(ALL, [FIRST, other]).map(({ frame }) => frame)).toEqual([FIRST, other]);
  });

  test('with a bad outer checksum are delivered, not marked valid', () => {
    const spoiled = three({ sum: 'complete' }).map((frame) =>
      changed(frame, (one) => put16(one, TRANSPORT + 6, 7)),
    );
    expect(coalesce(ALL, spoiled).map(({ segments, sums }) => [segments, sums])).toEqual([
      [1, 'bad'],
      [1, 'bad'],
      [1, 'bad'],
    ]);
  });

  test('are delivered when a fragment comes within the tunnel', () => {
    const fragment = changed(SECOND, (frame) => frame.fill(0x20, INNER_IP + 6, INNER_IP + 7));
    expect(coalesce(ALL, [FIRST, fragment, SECOND]).map(({ frame }) => frame)).toEqual([
      FIRST,
      fragment,
      SECOND,
    ]);
  });

  test('that began to be joined come alone once joining in tunnels is off', () => {
    const out: number[] = [];
    const coalescer = new Coalescer({ deliver: ({ segments }) => out.push(segments) });
    coalescer.joins = ALL;
    coalescer.add(FIRST);
    coalescer.joins = INNER;
    coalescer.add(SECOND);
    coalescer.flush();
    expect(out).toEqual([1, 1]);
  });

  test('without payload are delivered one by one', () => {
    const empty = makeTunnel({ inner: { payload: new Uint8Array(0) } });
    expect(counts([empty, empty], { ...ALL, acks: true })).toEqual([1, 1]);
  });
});
