import { describe, expect, test } from 'vitest';
import { makeTunnel, tunnelPartsOf } from '../src/net/frame/tunnel.ts';
import { Segmenter } from '../src/net/offload/segmenter.ts';
import { modern, received } from './nics.ts';

const GUEST_CSUM = 1 << 1;
const MSS = 1300;
/** virtio 1.4's flags and types: NEEDS_CSUM, UDP_TUNNEL_CSUM; TCPV4, TCPV6, and the inner ones. */
const [OPEN, OPEN_AROUND] = [1, 9];
const [TCPV4, TCPV6, IPV4, IPV6] = [1, 4, 0x20, 0x40];

const accepting = (offer: 'GUEST_UDP_TUNNEL_GSO' | 'GUEST_UDP_TUNNEL_GSO_CSUM', mergeable = true) =>
  modern({ offer: [offer, 'CTRL_GUEST_OFFLOADS'], mergeable });

function tunnel(version: 4 | 6, within: 4 | 6, sum: 'partial' | 'none') {
  const inner = {
    version: within,
    payload: new Uint8Array(20_000).map((_, i) => i),
    sum: 'partial',
  } as const;
  const options = { version, inner, sum } as const;
  const whole = makeTunnel(options);
  const at = tunnelPartsOf(options);
  const segments: Uint8Array[] = [];
  const send = (frame: Uint8Array) => segments.push(frame.slice());
  new Segmenter().segment(whole, within === 4 ? 'TCPV4' : 'TCPV6', MSS, { send }, at.innerNetwork);
  return { whole, at, segments };
}

describe('segments received through a tunnel', () => {
  test.each([
    [4, 4, 'none', OPEN, TCPV4 | IPV4],
    [6, 4, 'none', OPEN, TCPV4 | IPV4],
    [4, 6, 'partial', OPEN_AROUND, TCPV6 | IPV6],
    [6, 6, 'partial', OPEN_AROUND, TCPV6 | IPV6],
  ] as const)(
    'over IPv%i, with IPv%i within, sum around: %s, come as one',
    (version, within, sum, flags, gso_type) => {
      const { machine, nic, card } = accepting('GUEST_UDP_TUNNEL_GSO_CSUM');
      const { whole, at, segments } = tunnel(version, within, sum);
      card.receive(...segments);
      expect(received(nic)).toEqual([whole]);
      expect(nic.header).toMatchObject({
        flags,
        gso_type,
        gso_size: MSS,
        hdr_len: at.payload,
        csum_start: at.innerTransport,
        csum_offset: at.field,
        outer_th_offset: at.outerTransport,
        inner_nh_offset: at.innerNetwork,
      });
      expect(machine.findings).toEqual([]);
    },
  );

  test('come separately if there is an outer checksum, and the driver accepts no open one', () => {
    const { nic, card } = accepting('GUEST_UDP_TUNNEL_GSO');
    const { segments } = tunnel(4, 4, 'partial');
    card.receive(...segments);
    expect(received(nic)).toEqual(segments);
  });

  test('come separately once their driver turns joining off, waiting ones, too', () => {
    const { nic, card } = accepting('GUEST_UDP_TUNNEL_GSO', false);
    const { segments } = tunnel(4, 6, 'none');
    // All the buffers there are.
    card.receive(...Array.from({ length: 4096 }, () => new Uint8Array(60).fill(0xff)));
    card.receive(...segments);
    nic.setOffloads(GUEST_CSUM);
    expect(received(nic).filter(({ length }) => length > 60)).toEqual(segments);
  });
});
