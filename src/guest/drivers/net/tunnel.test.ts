import { describe, expect, test } from 'vitest';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { makeTunnel, tunnelPartsOf } from '../../../net/frame/tunnel.ts';
import { virtioNet } from '../virtio-net.ts';
import type { TunnelOffsets } from './segmentation.ts';

const MSS = 1300;
const INNER = { payload: Uint8Array.from({ length: 2 * MSS }, (_, i) => i) } as const;
const { payload, innerTransport, field, outerTransport, innerNetwork } = tunnelPartsOf({ inner: INNER });
const CUT = { mss: MSS, headerLength: payload, csumStart: innerTransport, csumOffset: field };

/** The frames on the wire for a frame with partial checksums, sent by a card with these features. */
function wire(offer: 'HOST_UDP_TUNNEL_GSO' | 'HOST_UDP_TUNNEL_GSO_CSUM', tunnel: TunnelOffsets) {
  const machine = gceN1({ virtio: 'modern', nics: [{ offer: [offer] }] });
  const nic = machine.attach(virtioNet());
  const sum = tunnel.open === true ? 'partial' : 'none';
  nic.sendTso(makeTunnel({ inner: { ...INNER, sum: 'partial' }, sum }), { ...CUT, tunnel });
  const { sent } = machine.nics[0]!;
  return {
    payloads: sent.map((frame) => frame.slice(payload)),
    around: sent.map((frame) =>
      [frame[outerTransport + 6], frame[outerTransport + 7]].some((byte) => byte !== 0),
    ),
    findings: machine.findings,
  };
}

/** The segments' payloads. For their headers see net/offload/tunnel-segments.slow.test.ts. */
const PIECES = [INNER.payload.slice(0, MSS), INNER.payload.slice(MSS)];

describe('a frame to be segmented inside a tunnel', () => {
  test('is sent in segments without outer checksums', () => {
    const sent = wire('HOST_UDP_TUNNEL_GSO', { outerTransport, innerNetwork });

    expect(sent).toEqual({ payloads: PIECES, around: [false, false], findings: [] });
  });

  test('is sent in segments, each with its own outer checksum', () => {
    const sent = wire('HOST_UDP_TUNNEL_GSO_CSUM', { outerTransport, innerNetwork, open: true });

    expect(sent).toEqual({ payloads: PIECES, around: [true, true], findings: [] });
  });

  test('is misuse if the card does not complete the outer checksum', () => {
    const tunnel = { outerTransport, innerNetwork, open: true };

    expect(() => wire('HOST_UDP_TUNNEL_GSO', tunnel)).toThrow('HOST_UDP_TUNNEL_GSO_CSUM');
  });

  test('is misuse with offsets outside a header', () => {
    const tunnel = { outerTransport: 0x1_0000, innerNetwork };

    expect(() => wire('HOST_UDP_TUNNEL_GSO', tunnel)).toThrow('cut.tunnel.outerTransport');
  });
});
