import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameLayout, findHeaders } from './parse.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
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

describe('finding headers', () => {
  test('sees TCP and UDP over IPv4', () => {
    expect(find(MACS + IP_TCP + TCP)).toEqual({
      ip: 14,
      protocol: 6,
      fragment: false,
      transport: 34,
      payload: 54,
    });
    expect(find(MACS + IP_UDP + UDP)).toEqual({
      ip: 14,
      protocol: 17,
      fragment: false,
      transport: 34,
      payload: 42,
    });
  });

  test('steps over one VLAN tag, not over two', () => {
    expect(find(`${MACS}8100 0005${IP_TCP}${TCP}`)).toMatchObject({ ip: 18, transport: 38, payload: 58 });
    expect(find(`${MACS}8100 0005 8100 0006${IP_TCP}${TCP}`)).toMatchObject({ ip: 0, transport: 0 });
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
    ['another EtherType', MACS + IP_TCP.replace('0800', '86dd') + TCP],
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
    const start = fc.constantFrom(MACS + IP_TCP, MACS + IP_UDP, MACS, '');
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
            Math.max(layout.ip && layout.ip + 20, layout.transport && layout.payload),
          ).toBeLessThanOrEqual(frame.length);
        },
      ),
    );
  });
});
