import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { put16 } from '../../core/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';
import { makeFrame } from '../frame/make.ts';
import { makeTunnel, tunnelPartsOf } from '../frame/tunnel.ts';
import { Segmenter } from './segmenter.ts';

const UDP = 17;
/** VXLAN's header, as in makeTunnel. */
const TUNNEL_HEADER = [8, 0, 0, 0, 0, 0, 1, 0];
const ETHERNET = 14;

/** All segments; null if the segmenter refuses. */
function cut(
  frame: Uint8Array,
  kind: 'TCPV4' | 'TCPV6' | 'UDP_L4',
  mss: number,
  within = 0,
): Uint8Array[] | null {
  const segments: Uint8Array[] = [];
  const done = new Segmenter().segment(
    frame,
    kind,
    mss,
    { send: (one) => segments.push(one.slice()) },
    within,
  );
  return done ? segments : null;
}

/** A segment with its own outer headers, the `index`th from identification 0 on. */
function wrapped(inner: Uint8Array, index: number, version: 4 | 6, sum: 'complete' | 'none'): Uint8Array {
  const frame = makeFrame({
    version,
    protocol: UDP,
    port: 4789,
    payload: Uint8Array.of(...TUNNEL_HEADER, ...inner),
    sum,
  });
  if (version === 6) return frame;
  put16(frame, ETHERNET + 4, index);
  put16(frame, ETHERNET + 10, 0);
  put16(frame, ETHERNET + 10, internetChecksum(frame, ETHERNET, ETHERNET + 20));
  return frame;
}

describe('a large packet in a tunnel over UDP', () => {
  const versions = fc.constantFrom(4 as const, 6 as const);

  test('is cut as without a tunnel, each segment in its own outer headers', () => {
    fc.assert(
      fc.property(
        versions,
        versions,
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 8, max: 900 }),
        (outer, version, tcp, summed, mss) => {
          const payload = new Uint8Array(2000).map((_, i) => i * 3);
          const inner = { version, payload, protocol: tcp ? 6 : UDP, sum: 'partial' as const };
          const kind = tcp ? (version === 4 ? 'TCPV4' : 'TCPV6') : 'UDP_L4';
          const large = makeTunnel({ inner, version: outer, sum: summed ? 'partial' : 'none' });
          const { innerNetwork } = tunnelPartsOf({ inner, version: outer });
          const within = cut(makeFrame(inner), kind, mss)!;

          expect(cut(large, kind, mss, innerNetwork)).toEqual(
            within.map((one, i) => wrapped(one, i, outer, summed ? 'complete' : 'none')),
          );
        },
      ),
    );
  });

  test.each([
    ['the packet lies before the end of UDP', makeTunnel(), 30],
    ['there is no UDP around', makeFrame({ payload: new Uint8Array(200) }), 60],
    ['there is no packet', makeTunnel(), 400],
  ])('is refused where %s', (_what, frame, within) => {
    expect(cut(frame, 'TCPV4', 40, within)).toBeNull();
  });
});
