import { describe, expect, test } from 'vitest';
import { isSoundTunnel } from './tunnels.ts';

const [NEEDS_CSUM, DATA_VALID, TUNNEL_CSUM] = [1, 2, 8];
const [TCPV4, ECN, IPV4, IPV6] = [1, 0x80, 0x20, 0x40];

describe('tunnel fields of a header', () => {
  test.each([
    ['nothing', 0, 0],
    ['nothing, of what is to be cut', NEEDS_CSUM, TCPV4],
    ['IPv4 within', NEEDS_CSUM, TCPV4 | IPV4],
    ['IPv6 within, and a connection that answers congestion', NEEDS_CSUM, TCPV4 | IPV6 | ECN],
    ['a checksum around that is open', NEEDS_CSUM | TUNNEL_CSUM, TCPV4 | IPV4],
  ])('may be %s', (_what, flags, gsoType) => {
    expect(isSoundTunnel(flags, gsoType)).toBe(true);
  });

  test.each([
    ['both kinds', NEEDS_CSUM, TCPV4 | IPV4 | IPV6],
    ['one whose checksum is not open', 0, TCPV4 | IPV4],
    ['one whose checksum was verified', NEEDS_CSUM | DATA_VALID, TCPV4 | IPV4],
    ['one in which nothing is to be cut', NEEDS_CSUM, IPV4],
    ['one in which nothing is to be cut, with the bit ECN', NEEDS_CSUM, IPV4 | ECN],
    ['a checksum around where there is none', NEEDS_CSUM | TUNNEL_CSUM, TCPV4],
  ])('is refused if it is %s', (_what, flags, gsoType) => {
    expect(isSoundTunnel(flags, gsoType)).toBe(false);
  });
});
