import { describe, expect, test } from 'vitest';
import { PROTOCOL } from './headers.ts';
import { FrameLayout, findHeaders } from './layout.ts';
import { makeFrame } from './make.ts';
import { ENCAPSULATION, findWithin } from './tunnel.ts';

const E = ENCAPSULATION;
const { GRE, UDP, IPIP } = PROTOCOL;
const ETHERNET = 14;

const hex = (text: string) => [...Buffer.from(text.replaceAll(' ', ''), 'hex')];
const FRAME = makeFrame();
const FOUR = FRAME.subarray(ETHERNET);
const SIX = makeFrame({ version: 6 }).subarray(ETHERNET);

/** A packet with these bytes after its IP header, whose protocol field is `protocol`. */
function carrying(protocol: number, head: string, within: Uint8Array, version: 4 | 6 = 4): Uint8Array {
  const ip = ETHERNET + (version === 4 ? 20 : 40);
  // makeFrame puts eight bytes of UDP header after IP: they are the payload here.
  const carried = [...hex(head), ...within];
  const frame = makeFrame({ version, protocol: UDP, payload: new Uint8Array(carried.length - 8) });
  frame.set(carried, ip);
  frame[version === 4 ? ETHERNET + 9 : ETHERNET + 6] = protocol;
  return frame;
}

function overUdp(port: number, head: string, within: Uint8Array, version: 4 | 6 = 4): Uint8Array {
  return makeFrame({ version, protocol: UDP, port, payload: Uint8Array.from([...hex(head), ...within]) });
}

/** The encapsulations found; for the inner packet, its version and whether TCP was found if the frame ends with it. */
function look(frame: Uint8Array) {
  const [outer, inner] = [new FrameLayout(), new FrameLayout()];
  findHeaders(frame, outer);
  const through = findWithin(frame, outer, inner);
  return {
    through,
    version: inner.version,
    behind: inner.transport === 0 ? 0 : frame.length - inner.transport,
  };
}
/** A TCP header and 100 bytes. */
const TCP = 120;

describe('an inner packet', () => {
  test.each([
    ['GRE, of IPv4', E.GRE_2784, 4, carrying(GRE, '0000 0800', FOUR)],
    ['GRE with a checksum', E.GRE_2784, 4, carrying(GRE, '8000 0800 12345678', FOUR)],
    ['GRE, of a frame', E.GRE_2784, 4, carrying(GRE, '0000 6558', FRAME)],
    ['GRE with a key', E.GRE_2890, 4, carrying(GRE, '2000 0800 12345678', FOUR)],
    ['GRE with a number', E.GRE_2890, 4, carrying(GRE, '1000 0800 12345678', FOUR)],
    ['GRE with all of these', E.GRE_2890, 4, carrying(GRE, 'b000 0800 12345678 12345678 12345678', FOUR)],
    ['GRE, of IPv6', E.GRE_7676, 6, carrying(GRE, '0000 86dd', SIX)],
    ['GRE over IPv6', E.GRE_7676, 4, carrying(GRE, '0000 0800', FOUR, 6)],
    ['GRE with a key over IPv6', E.GRE_7676 | E.GRE_2890, 4, carrying(GRE, '2000 0800 12345678', FOUR, 6)],
    ['NVGRE, which is GRE with a key', E.NVGRE | E.GRE_2890, 4, carrying(GRE, '2000 6558 00000a01', FRAME)],
    ['GRE over UDP', E.GRE_UDP, 4, overUdp(4754, '0000 0800', FOUR)],
    ['VXLAN', E.VXLAN, 4, overUdp(4789, '08000000 00000a00', FRAME)],
    ['VXLAN over IPv6', E.VXLAN, 4, overUdp(4789, '08000000 00000a00', FRAME, 6)],
    ['VXLAN-GPE, of IPv4', E.VXLAN_GPE, 4, overUdp(4790, '0c000001 00000a00', FOUR)],
    ['VXLAN-GPE, of IPv6', E.VXLAN_GPE, 6, overUdp(4790, '0c000002 00000a00', SIX)],
    ['VXLAN-GPE, of a frame', E.VXLAN_GPE, 4, overUdp(4790, '0c000003 00000a00', FRAME)],
    ['VXLAN-GPE that names nothing', E.VXLAN_GPE, 4, overUdp(4790, '08000000 00000a00', FRAME)],
    ['Geneve', E.GENEVE, 4, overUdp(6081, '00006558 00000a00', FRAME)],
    ['Geneve with options', E.GENEVE, 4, overUdp(6081, '02006558 00000a00 1234567812345678', FRAME)],
    ['Geneve, of IPv6', E.GENEVE, 6, overUdp(6081, '000086dd 00000a00', SIX)],
    ['IP', E.IPIP, 4, carrying(IPIP, '', FOUR)],
  ])('%s', (_, through, version, frame) => {
    expect(look(frame)).toEqual({ through, version, behind: TCP });
  });

  test('a tag behind a tag is found', () => {
    const tagged = makeFrame({ tags: [0x88a8, 0x8100] });
    expect(look(overUdp(4789, '08000000 00000a00', tagged))).toEqual({
      through: E.VXLAN,
      version: 4,
      behind: TCP,
    });
  });

  test('that is not IP is one', () => {
    const arp = makeFrame().fill(0x06, 13, 14);
    expect(look(overUdp(4789, '08000000 00000a00', arp))).toEqual({
      through: E.VXLAN,
      version: 0,
      behind: 0,
    });
  });

  test.each([
    ['UDP to another port', overUdp(4788, '08000000 00000a00', FRAME)],
    ['VXLAN of no network', overUdp(4789, '00000000 00000a00', FRAME)],
    ['VXLAN-GPE of something else', overUdp(4790, '0c000004 00000a00', FOUR)],
    ['Geneve of another version', overUdp(6081, '40006558 00000a00', FRAME)],
    ['Geneve of something else', overUdp(6081, '00000806 00000a00', FRAME)],
    ['GRE of another version', carrying(GRE, '0001 0800', FOUR)],
    ['GRE with a route', carrying(GRE, '4000 0800', FOUR)],
    ['GRE of something else', carrying(GRE, '0000 88be', FOUR)],
    ['IPv4 within IPv6', carrying(IPIP, '', FOUR, 6)],
    ['TCP', FRAME],
    ['options of Geneve beyond the frame', overUdp(6081, '3f006558', new Uint8Array(8))],
    ['half of GRE', carrying(GRE, '0000 0800', FOUR).subarray(0, 37)],
    ['half of VXLAN', overUdp(4789, '0800', new Uint8Array(2))],
  ])('is not found in %s', (_, frame) => {
    expect(look(frame).through).toBe(0);
  });

  test('is not found in a fragment', () => {
    const fragment = overUdp(4789, '08000000 00000a00', FRAME);
    fragment[20]! |= 0x20;
    expect(look(fragment).through).toBe(0);
  });
});
