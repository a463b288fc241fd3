import { describe, expect, test } from 'vitest';
import { BitSet } from '../../core/bit-set.ts';
import { makeFrame } from '../../net/frame/make.ts';
import { makeTunnel } from '../../net/frame/tunnel.ts';
import { ODD_TUNNELS, OddTunnels } from './odd-headers.ts';

const [GUEST_TSO4, TUNNEL_GSO, TUNNEL_GSO_CSUM] = [7, 65, 66];
const ALL = [GUEST_TSO4, TUNNEL_GSO, TUNNEL_GSO_CSUM];
const TUNNEL = makeTunnel({ inner: { payload: new Uint8Array(3000), sum: 'partial' } });
/** NEEDS_CSUM; TCP over IPv4 in IPv4; 104 bytes of headers; segments of 1000; 84 + 16, 34, 64. */
const SOUND = '01 21 6800 e803 5400 1000 0000 00000000 00000000 2200 4000'.replaceAll(' ', '');
const NOTHING = '00'.repeat(24);

/** The headers of so many packets, all of them odd, in hexadecimal. */
function headers(field: (typeof ODD_TUNNELS)[number], features: number[], frame = TUNNEL, odd = [true]) {
  const tunnels = new OddTunnels([field]);
  tunnels.negotiated(BitSet.of(features));
  return odd.map((isOdd, i) => {
    const header = new Uint8Array(32);
    tunnels.fill(
      { frame, header, cut: null, gsoSize: 0, within: 0, segments: 1, pieces: null, sums: 'none' },
      isOdd,
      i,
    );
    return Buffer.from(header.subarray(0, 24)).toString('hex');
  });
}

const changed = (flags: string, gsoType: string) => `${flags}${gsoType}${SOUND.slice(4)}`;

describe('the header of a received frame in a tunnel', () => {
  test('is correct in every first frame', () => {
    expect(headers('tunnel_both', ALL, TUNNEL, [false])).toEqual([SOUND]);
  });

  test('must be refused in every second frame', () => {
    expect(headers('tunnel_both', ALL)).toEqual([changed('01', '61')]);
    expect(headers('tunnel_unsound', ALL, TUNNEL, [true, true, true])).toEqual([
      changed('00', '21'),
      changed('03', '21'),
      changed('01', '20'),
    ]);
    expect(headers('tunnel_csum', ALL)).toEqual([changed('09', '00').replace('e803', '0000')]);
  });

  test('has wild offsets without a tunnel', () => {
    expect(headers('tunnel_offsets', ALL, makeFrame(), [false, true])).toEqual([
      NOTHING,
      `${'00'.repeat(20)}0300feff`,
    ]);
  });

  test.each(ODD_TUNNELS)('has nothing of %s for a driver that takes no tunnels', (field) => {
    expect(headers(field, [GUEST_TSO4])).toEqual([NOTHING]);
  });

  test('has no flag unknown to the driver', () => {
    expect(headers('tunnel_csum', [GUEST_TSO4, TUNNEL_GSO])).toEqual([NOTHING]);
  });

  test('is that of a plain frame without a tunnel', () => {
    expect(headers('tunnel_both', ALL, makeFrame())).toEqual([NOTHING]);
  });
});
