import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { FrameLayout, findHeaders } from './layout.ts';

const find = (text: string) => {
  const layout = new FrameLayout();
  findHeaders(hex(text), layout);
  return layout;
};

const MACS = '42010a800001 42010a800002';
const IP_TCP = '0800 45000028 00004000 40060000 0a800002 0a800001';
const IP_UDP = '0800 4500001c 00004000 40110000 0a800002 0a800001';
const TCP = 'c0000050 00000000 00000000 50100000 00000000';
const UDP = 'c0000035 00080000';
const SIX = 'fd000000000000000000000000000001';

describe('finding headers', () => {
  test('sees TCP and UDP over IPv4', () => {
    expect(find(MACS + IP_TCP + TCP)).toEqual({
      tags: 0,
      type: 0x0800,
      ip: 14,
      version: 4,
      protocol: 6,
      fragment: false,
      routed: false,
      destination: 30,
      upper: 34,
      end: 54,
      transport: 34,
      payload: 54,
    });
    expect(find(MACS + IP_UDP + UDP)).toMatchObject({ protocol: 17, transport: 34, payload: 42, end: 42 });
  });

  test('steps over one VLAN tag, and over two', () => {
    expect(find(`${MACS}8100 0005${IP_TCP}${TCP}`)).toMatchObject({ tags: 1, ip: 18, transport: 38 });
    expect(find(`${MACS}88a8 0005 8100 0006${IP_TCP}${TCP}`)).toMatchObject({
      tags: 2,
      ip: 22,
      payload: 62,
    });
  });

  test('sees TCP over IPv6, and after extension headers', () => {
    const plain = `${MACS}86dd 60000000 0014 06 40${SIX}${SIX}${TCP}`;
    const extended = `${MACS}86dd 60000000 0024 00 40${SIX}${SIX} 3c00010400000000 0600010400000000${TCP}`;

    expect(find(plain)).toMatchObject({ version: 6, protocol: 6, upper: 54, end: 74, payload: 74 });
    expect(find(extended)).toMatchObject({ protocol: 6, upper: 70, end: 90, payload: 90, routed: false });
  });

  test('names what a fragment of IPv6 carries only in the first', () => {
    const fragment = (where: string) =>
      `${MACS}86dd 60000000 001c 2c 40${SIX}${SIX} 0600${where}00000001${TCP}`;

    expect(find(fragment('0001'))).toMatchObject({ fragment: true, upper: 62, transport: 62 });
    expect(find(fragment('0008'))).toMatchObject({ fragment: true, upper: 0, transport: 0 });
    expect(find(fragment('0000'))).toMatchObject({ fragment: false, transport: 62 });
  });

  test('recognises a source-routed packet', () => {
    const options = IP_TCP.replace('4500', '4700');
    const routing = `${MACS}86dd 60000000 002c 2b 40${SIX}${SIX} 06020001 00000000${SIX}${TCP}`;

    expect(find(`${MACS}${options}01 830704 0a800009${TCP}`)).toMatchObject({ routed: true, upper: 42 });
    expect(find(`${MACS}${options}01010101 00830704${TCP}`)).toMatchObject({ routed: false });
    expect(find(routing)).toMatchObject({ routed: true, upper: 78 });
  });

  test('finds the end of a packet before its padding', () => {
    expect(find(`${MACS}${IP_UDP}${UDP}${'00'.repeat(18)}`).end).toBe(42);
    expect(find(`${MACS}${IP_UDP.replace('001c', '0000')}${UDP}ffff`).end).toBe(44);
  });

  test('counts IP and TCP options', () => {
    const options = IP_TCP.replace('4500', '4600');
    expect(find(`${MACS}${options}01010100${TCP.replace('5010', '6010')}01010100`)).toMatchObject({
      transport: 38,
      payload: 62,
    });
  });

  test('names no transport header in a later fragment, but in the first', () => {
    expect(find(MACS + IP_TCP.replace('4000', '2000') + TCP)).toMatchObject({
      fragment: true,
      transport: 34,
    });
    expect(find(MACS + IP_TCP.replace('4000', '0001') + TCP)).toMatchObject({ fragment: true, transport: 0 });
  });

  test.each([
    ['another EtherType', MACS + IP_TCP.replace('0800', '88b5') + TCP],
    ['the EtherType of IPv6', MACS + IP_TCP.replace('0800', '86dd') + TCP],
    ['another IP version', MACS + IP_TCP.replace('4500', '6500') + TCP],
    ['an IP header of four words', MACS + IP_TCP.replace('4500', '4400') + TCP],
    ['an IP header longer than the frame', MACS + IP_TCP.replace('4500', '4f00') + TCP.slice(0, 8)],
  ])('sees no IPv4 header with %s', (_, frame) => {
    expect(find(frame)).toMatchObject({ ip: 0, transport: 0 });
  });

  test.each([
    ['another protocol', MACS + IP_TCP.replace('4006', '4001') + TCP],
    ['a TCP header of four words', MACS + IP_TCP + TCP.replace('5010', '4010')],
    ['a TCP header longer than the frame', MACS + IP_TCP + TCP.replace('5010', '6010')],
    ['a TCP header that is cut', MACS + IP_TCP + TCP.slice(0, -2)],
    ['a UDP header that is cut', MACS + IP_UDP + UDP.slice(0, -2)],
  ])('sees no transport header with %s', (_, frame) => {
    expect(find(frame)).toMatchObject({ ip: 14, transport: 0 });
  });

  test('forgets what it found in the frame before', () => {
    const layout = new FrameLayout();
    findHeaders(hex(MACS + IP_TCP + TCP), layout);
    findHeaders(new Uint8Array(3), layout);
    expect(layout).toMatchObject({ ip: 0, transport: 0 });
  });

  test('never points past the end, whatever the bytes', () => {
    const start = fc.constantFrom(
      MACS + IP_TCP,
      MACS + IP_UDP,
      `${MACS}86dd 60000000 0014 00 40${SIX}`,
      MACS,
      '',
    );
    fc.assert(
      fc.property(
        start,
        fc.uint8Array({ maxLength: 70 }),
        fc.nat(90),
        fc.nat(255),
        (good, rest, at, value) => {
          const frame = Uint8Array.from([...hex(good), ...rest]);
          frame[at] = value;
          const layout = new FrameLayout();
          findHeaders(frame, layout);
          expect(
            Math.max(layout.ip && layout.ip + 20, layout.transport && layout.payload, layout.upper),
          ).toBeLessThanOrEqual(frame.length);
        },
      ),
    );
  });
});
