import { describe, expect, test } from 'vitest';
import { hex as bytes } from '../../../core/bytes-rig.ts';
import { PROTOCOL, udp } from '../../frame/headers.ts';
import { macOf } from '../../stack/address.ts';
import { Gateway6 } from './gateway.ts';
import { frameOf6, ipv6Of, linkLocalOf, packetIn } from './packet.ts';

const [GATEWAY_MAC, GUEST_MAC] = [macOf(0x0a80_0001), macOf(0x0a80_0002)];
const [OWN, SERVER] = [ipv6Of('own', 'fd20::a80:2'), ipv6Of('server', 'fd20:ce::254')];
const GUEST = linkLocalOf(GUEST_MAC);
const [ALL_ROUTERS, NOBODY] = [ipv6Of('all', 'ff02::2'), ipv6Of('nobody', '::')];
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');

function gateway(): Gateway6 {
  return new Gateway6(
    { address: OWN, server: SERVER, mac: GATEWAY_MAC, seconds: 1000, domains: ['a'] },
    new Map([['b', 0x0a00_0005]]),
    1460,
  );
}

function ask(
  payload: Uint8Array,
  { source = GUEST, destination = ALL_ROUTERS, protocol = PROTOCOL.ICMPV6 as number, by = gateway() } = {},
) {
  const frame = frameOf6(
    { source: GUEST_MAC, destination: GATEWAY_MAC },
    { source, destination, protocol, payload },
  );
  const answer = by.answer(frame);
  return answer === null ? null : packetIn(answer)!;
}

/** A message of DHCPv6 with the client's DUID, and further options. */
const solicit = (type: number, more = '') => {
  const message = bytes(`0${type} 123456 0001 000a 0003 0001 42010a800002 ${more}`);
  const whole = new Uint8Array(udp.size + message.length);
  udp.encode({ source_port: 546, destination_port: 547, length: whole.length }, whole);
  whole.set(message, udp.size);
  return whole;
};
const ASSOCIATION = '0003 000c 00000007 00000000 00000000';

describe('an address', () => {
  test('is parsed from its text', () => {
    expect([
      hex(ipv6Of('a', 'fd20::2')),
      hex(ipv6Of('a', '::')),
      hex(ipv6Of('a', '1:2:3:4:5:6:7:8')),
    ]).toEqual([
      'fd200000000000000000000000000002',
      '00000000000000000000000000000000',
      '00010002000300040005000600070008',
    ]);
  });

  test.each(['fd20', 'fe80::1%eth0', '::ffff:1.2.3.4', ''])('%j is invalid', (text) => {
    expect(() => ipv6Of('a', text)).toThrow('must be an IPv6 address');
  });
});

describe('the gateway', () => {
  test('answers a router solicitation: addresses by DHCPv6, an MTU, no prefix', () => {
    const answer = ask(bytes('8500 0000 00000000'));
    expect([hex(answer?.source), hex(answer?.payload)?.replace(/^(.{4}).{4}/, '$1')]).toEqual([
      'fe800000000000004001 0afffe800001'.replace(' ', ''),
      '8600' + '40c0' + '0708' + '0000000000000000' + '010142010a800001' + '05010000000005b4',
    ]);
  });

  test('answers for every address but the guest’s, and ignores duplicate detection', () => {
    const target = (address: Uint8Array) => Uint8Array.of(0x87, 0, 0, 0, 0, 0, 0, 0, ...address);
    const other = ask(target(SERVER));
    expect(hex(other?.payload.subarray(4))).toBe(`e0000000${hex(SERVER)}020142010a800001`);
    expect([ask(target(OWN)), ask(target(SERVER), { source: NOBODY })]).toEqual([null, null]);
  });

  test('sends an echo reply from the requested address', () => {
    const answer = ask(bytes('8000 0000 0001 0002 6869'), { destination: SERVER });
    expect([hex(answer?.source), hex(answer?.payload.subarray(4))]).toEqual([hex(SERVER), '000100026869']);
  });

  test('answers no frame that is corrupted, cut or of another kind', () => {
    const link = { source: GUEST_MAC, destination: GATEWAY_MAC };
    const frame = frameOf6(link, {
      source: GUEST,
      destination: SERVER,
      protocol: 58,
      payload: bytes('8500000000000000'),
    });
    const spoilt = Object.assign(frame.slice(), { [frame.length - 1]: 1 });
    const others = [
      spoilt,
      frame.subarray(0, 60),
      frame.subarray(0, 20),
      Object.assign(frame.slice(), { 20: 6 }),
    ];
    expect(others.map((one) => gateway().answer(one))).toEqual([null, null, null, null]);
  });
});

test('names are served at the address in the lease', () => {
  const question = bytes('0001 0100 0001 0000 0000 0000 0162 00 0001 0001');
  const message = Uint8Array.of(...bytes('1000 0035 0000 0000'), ...question);
  message[5] = message.length;
  const [asked, elsewhere] = [SERVER, OWN].map((destination) =>
    ask(message, { destination, protocol: PROTOCOL.UDP }),
  );
  expect([hex(asked?.payload.subarray(0, 4)), hex(asked?.payload.slice(-4)), elsewhere]).toEqual([
    '00351000',
    '0a000005',
    null,
  ]);
});

describe('a lease of IPv6', () => {
  const lease = (type: number, more = '', by = gateway()) =>
    hex(ask(solicit(type, more), { protocol: PROTOCOL.UDP, by })?.payload.subarray(udp.size));
  const FACTS = `00170010${hex(SERVER)}0018000301610 0`.replace(' ', '');
  const DUIDS = '0002000a0003000142010a8000010001000a0003000142010a800002';
  const ADDRESS = `00030028 00000007 000001f4 00000320 00050018 ${hex(OWN)} 000003e8 000003e8`.replaceAll(
    ' ',
    '',
  );

  test('is advertised for a Solicit, and given for a Request', () => {
    const by = gateway();
    const advertised = lease(1, ASSOCIATION, by);
    const before = by.leased;
    expect([advertised, before, lease(3, ASSOCIATION, by), by.leased]).toEqual([
      `02123456${DUIDS}${ADDRESS}${FACTS}`,
      false,
      `07123456${DUIDS}${ADDRESS}${FACTS}`,
      true,
    ]);
  });

  test('is given at once with Rapid Commit', () => {
    expect(lease(1, `${ASSOCIATION} 000e0000`)).toBe(`07123456${DUIDS}${ADDRESS}000e0000${FACTS}`);
  });

  test('is not given for an Information-Request, nor for a Release', () => {
    expect([lease(8, ASSOCIATION), lease(6)]).toEqual([
      `07123456${DUIDS}${FACTS}`,
      `07123456${DUIDS}${FACTS}`,
    ]);
  });

  test('is not given for an invalid message, nor for one with too long a length', () => {
    expect([lease(7), lease(1, '0003 00ff 00')]).toEqual([undefined, undefined]);
  });
});
