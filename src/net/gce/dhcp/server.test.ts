import { describe, expect, test } from 'vitest';
import { ipv4Of } from '../../stack/address.ts';
import type { Lease } from './message.ts';
import { COOKIE, dhcp, OPTION, optionsIn, TYPE } from './message.ts';
import { dhcpAnswer } from './server.ts';

const [ADDRESS, GATEWAY, SERVER] = ['10.128.0.2', '10.128.0.1', '169.254.169.254'].map((text) =>
  ipv4Of('address', text),
) as [number, number, number];
const LEASE: Lease = {
  ...{ address: ADDRESS, gateway: GATEWAY, server: SERVER, mtu: 1460, time: 86_400_000_000_000 },
  hostName: 'a.b',
  domains: ['b', 'google.internal'],
  bootFile: null,
};
const BROADCAST = 0xffff_ffff;

/** A client's message with options of these lengths. */
function message(
  type: number,
  more: Partial<ReturnType<typeof dhcp.decode>> = {},
  ...options: number[]
): Uint8Array {
  const fixed = { op: 1, htype: 1, hlen: 6, xid: 77, cookie: COOKIE };
  return Uint8Array.of(...dhcp.encode({ ...fixed, ...more }), 0, 53, 1, type, ...options, 255);
}

/** The options of a lease by code, in hex. */
function told(request: Uint8Array, lease = LEASE): Record<string, string> {
  const { bytes } = dhcpAnswer(request, lease)!;
  return Object.fromEntries(
    [...optionsIn(bytes.subarray(dhcp.size))].map(([kind, value]) => [
      kind,
      Buffer.from(value).toString('hex'),
    ]),
  );
}

describe('a client that sends DISCOVER', () => {
  test('is offered all options of Compute Engine', () => {
    expect(told(message(TYPE.DISCOVER))).toEqual({
      [OPTION.MESSAGE_TYPE]: '02',
      [OPTION.SERVER]: 'a9fea9fe',
      [OPTION.SUBNET_MASK]: 'ffffffff',
      [OPTION.ROUTER]: '0a800001',
      [OPTION.DNS]: 'a9fea9fe',
      [OPTION.HOST_NAME]: Buffer.from('a.b').toString('hex'),
      [OPTION.DOMAIN_NAME]: Buffer.from('b').toString('hex'),
      [OPTION.MTU]: '05b4',
      [OPTION.NTP]: 'a9fea9fe',
      [OPTION.LEASE_TIME]: '00015180',
      [OPTION.DOMAIN_SEARCH]: Buffer.from('\x01b\0\x06google\x08internal\0').toString('hex'),
      // The gateway as a /32 on-link; everything else through it.
      [OPTION.ROUTES]: '200a80000100000000000a800001',
      [OPTION.TFTP_SERVER]: '0a800001',
    });
  });

  test('gets its address in a message of 300 bytes or more', () => {
    const { bytes } = dhcpAnswer(message(TYPE.DISCOVER), LEASE)!;
    expect(dhcp.decode(bytes)).toMatchObject({ op: 2, xid: 77, yiaddr: ADDRESS, siaddr: GATEWAY });
    expect(bytes.length).toBeGreaterThanOrEqual(300);
  });
});

describe('a client that sends REQUEST', () => {
  const asked = [50, 4, 10, 128, 0, 2];

  test.each<[string, Uint8Array, number, boolean]>([
    [
      'that it was offered has it',
      message(TYPE.REQUEST, {}, ...asked, 54, 4, 169, 254, 169, 254),
      TYPE.ACK,
      true,
    ],
    ['that it had before has it', message(TYPE.REQUEST, {}, ...asked), TYPE.ACK, true],
    ['that it uses has it for longer', message(TYPE.REQUEST, { ciaddr: ADDRESS }), TYPE.ACK, true],
    ['of another network is refused', message(TYPE.REQUEST, {}, 50, 4, 192, 168, 0, 5), TYPE.NAK, false],
    ['for nothing but facts is told them', message(TYPE.INFORM, { ciaddr: ADDRESS }), TYPE.ACK, false],
  ])('%s', (_, request, type, isAck) => {
    const answer = dhcpAnswer(request, LEASE)!;
    expect([told(request)[OPTION.MESSAGE_TYPE], answer.isAck]).toEqual([`0${type}`, isAck]);
  });

  test('of another server is not answered, nor a RELEASE, nor a reply', () => {
    const others = [
      message(TYPE.REQUEST, {}, ...asked, 54, 4, 10, 0, 0, 1),
      message(TYPE.RELEASE, { ciaddr: ADDRESS }),
      message(TYPE.DISCOVER, { op: 2 }),
      message(TYPE.DISCOVER, { cookie: 0 }),
      message(TYPE.DISCOVER).subarray(0, 100),
    ];
    expect(others.map((one) => dhcpAnswer(one, LEASE))).toEqual([null, null, null, null, null]);
  });

  test.each([
    ['at the address that it has', message(TYPE.REQUEST, { ciaddr: ADDRESS }), ADDRESS],
    ['at the address that it gets', message(TYPE.DISCOVER), ADDRESS],
    ['by broadcast if it wants that', message(TYPE.DISCOVER, { flags: 0x8000 }), BROADCAST],
    ['by broadcast if it is refused', message(TYPE.REQUEST, {}, 50, 4, 1, 2, 3, 4), BROADCAST],
  ])('is answered %s', (_, request, to) => {
    expect(dhcpAnswer(request, LEASE)!.to).toBe(to);
  });
});

test('a client that boots gets the boot file and its server', () => {
  const lease = { ...LEASE, bootFile: 'boot.ipxe' };
  const { siaddr, file } = dhcp.decode(dhcpAnswer(message(TYPE.DISCOVER), lease)!.bytes);
  expect([siaddr, Buffer.from(file.subarray(0, 10)).toString()]).toEqual([SERVER, 'boot.ipxe\0']);
  expect(told(message(TYPE.DISCOVER), lease)).toMatchObject({
    [OPTION.BOOT_FILE]: Buffer.from('boot.ipxe').toString('hex'),
    [OPTION.TFTP_SERVER]: 'a9fea9fe',
  });
});
