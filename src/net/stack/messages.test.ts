import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { ipv4Of, ipv4Text, macOf, replyTo, requestIn } from './address.ts';
import { datagramIn, frameOf } from './datagram.ts';
import { datagramOf, echoReplyTo, messageIn } from './udp.ts';

const [HERE, THERE] = [ipv4Of('here', '10.128.0.1'), ipv4Of('there', '10.128.0.2')];
const LINK = { source: macOf(HERE), destination: macOf(THERE) };

describe('an address', () => {
  test('is parsed from its text', () => {
    expect([HERE, ipv4Text(0xa9fe_a9fe)]).toEqual([0x0a80_0001, '169.254.169.254']);
  });

  test.each(['10.128.0', '10.128.0.256', '10.128.0.02', '10.128.0.1 ', 'metadata', ''])(
    '%j is invalid',
    (text) => {
      expect(() => ipv4Of('address', text)).toThrow('must be an IPv4 address');
    },
  );
});

describe('an ARP request', () => {
  const request = hex(
    'ffffffffffff 42010a800002 0806 0001 0800 06 04 0001 42010a800002 0a800002 000000000000 0a800001',
  );

  test('is answered for the address that it asks for', () => {
    const { from, of, by } = requestIn(request)!;
    expect(replyTo(from, by, macOf(HERE), of)).toEqual(
      hex('42010a800002 42010a800001 0806 0001 0800 06 04 0002 42010a800001 0a800001 42010a800002 0a800002'),
    );
  });

  test('is not one if it is a reply, cut, or for other address types', () => {
    const with_ = (at: number, value: number) => Object.assign(request.slice(), { [at]: value });
    expect([with_(21, 2), request.subarray(0, 41), with_(18, 8), with_(15, 6)].map(requestIn)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('a message', () => {
  const bytes = hex('01 02 03');
  const message = { from: { address: HERE, port: 53 }, to: { address: THERE, port: 999 }, bytes };
  const frame = frameOf(LINK, datagramOf(message), 7);

  test('is the same after a frame is made and parsed', () => {
    expect(messageIn(datagramIn(frame)!)).toEqual(message);
  });

  test('has the headers of RFC 791 and RFC 768', () => {
    // Words of the IPv4 header add up to DA3A; those of UDP with its pseudo-header and the bytes to 1D48.
    const ip = '4500 001f 0007 4000 40 11 25c5 0a800001 0a800002';
    expect(frame).toEqual(hex(`42010a800002 42010a800001 0800 ${ip} 0035 03e7 000b e2b7 010203`));
  });

  test('is not taken from a frame with a bad sum, a fragment, or one that is cut', () => {
    const spoilt = (at: number) => Object.assign(frame.slice(), { [at]: frame[at]! ^ 1 });
    const header = datagramIn(spoilt(26));
    const body = messageIn(datagramIn(spoilt(43))!);
    expect([header, body, datagramIn(frame.subarray(0, 44))]).toEqual([null, null, null]);
  });

  test('is accepted without a checksum', () => {
    const datagram = datagramOf(message);
    datagram.payload.set([0, 0], 6);
    expect(messageIn(datagram)?.bytes).toEqual(bytes);
  });

  test('has FFFFh for a sum of 0, which would mean none', () => {
    // The word that makes the sum 0 is the sum without it.
    const without = datagramOf({ ...message, bytes: hex('0000') }).payload.subarray(6, 8);
    expect(datagramOf({ ...message, bytes: without }).payload.subarray(6, 8)).toEqual(hex('ffff'));
  });
});

describe('an echo request', () => {
  test('is answered with the same bytes', () => {
    // The sum of 0800, 0001, 0002 and 6869 is 706C.
    expect(echoReplyTo(hex('0800 8f93 0001 0002 6869'))).toEqual(hex('0000 9793 0001 0002 6869'));
  });

  test('that is corrupted, cut or another message is not', () => {
    const others = ['0800 8f94 0001 0002 6869', '0800 f7ff 0000', '0000 9793 0001 0002 6869'];
    expect(others.map(hex).map(echoReplyTo)).toEqual([null, null, null]);
  });
});
