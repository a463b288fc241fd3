import { describe, expect, test } from 'vitest';
import { internetChecksum } from '../frame/checksum.ts';
import { PROTOCOL } from '../frame/headers.ts';
import { ipv4Of, macOf } from '../stack/address.ts';
import { datagramIn } from '../stack/datagram.ts';
import { Guest } from './guest-rig.ts';
import { frameOf6, ipv6Of, packetIn } from './ipv6/packet.ts';
import { gceNetwork } from './network.ts';

const ELSEWHERE = '10.9.8.7';
/** IPv4 and UDP headers have 28 bytes. */
const HEADERS = 28;

/** A network with an echo on port 7, and a guest there. */
function echoing(options: Parameters<typeof gceNetwork>[0] = {}) {
  const network = gceNetwork(options);
  network.udp(7, ({ bytes }, reply) => reply(bytes.subarray(0, 4)));
  return { network, guest: new Guest(network) };
}

describe('a packet longer than the MTU of Compute Engine’s network', () => {
  test.each([
    [1460, 1600],
    [8896, 8896],
  ])('is dropped: with an MTU of %i, above %i bytes', (mtu, most) => {
    const { guest } = echoing({ mtu });
    const heard = [most, most + 1].map(
      (size) => guest.ask(ELSEWHERE, 7, new Uint8Array(size - HEADERS)).length,
    );
    expect(heard).toEqual([1, 0]);
  });

  test('is reported by ICMP, with the packet and the MTU', () => {
    const { guest } = echoing();
    guest.ask(ELSEWHERE, 7, new Uint8Array(2000).fill(9), 777);
    const told = datagramIn(guest.frames[0]!)!;
    expect(told).toMatchObject({ protocol: PROTOCOL.ICMP, source: ipv4Of('gateway', '10.128.0.1') });
    // Fragmentation needed; 1600; an IPv4 header with a total length of 2028, and the UDP ports.
    expect([...told.payload.subarray(0, 2), ...told.payload.subarray(4, 12)]).toEqual([
      ...[3, 4, 0, 0, 0x06, 0x40, 0x45, 0, 0x07, 0xec],
    ]);
    expect([told.payload.length, ...told.payload.subarray(28, 30)]).toEqual([36, 0x03, 0x09]);
    expect(internetChecksum(told.payload, 0, told.payload.length)).toBe(0);
  });

  test('is reported by ICMPv6, cut to the minimum MTU', () => {
    const { network, guest } = echoing({ ipv6: true });
    const source = ipv6Of('guest', 'fd20::a80:2');
    const destination = ipv6Of('other', 'fd20::9');
    const link = { source: macOf(0x0a80_0002), destination: macOf(0x0a80_0001) };
    const protocol = PROTOCOL.UDP;
    const frame = frameOf6(link, { source, destination, protocol, payload: new Uint8Array(1561) });
    network.send(frame);
    const told = packetIn(guest.frames[0]!)!;
    expect([told.protocol, ...told.payload.subarray(0, 2), ...told.payload.subarray(4, 8)]).toEqual([
      ...[PROTOCOL.ICMPV6, 2, 0, 0, 0, 0x06, 0x40],
    ]);
    expect(told.payload.subarray(8)).toEqual(frame.subarray(14, 14 + 1232));
    expect(told.destination).toEqual(source);
  });

  test('is not one with padding after it', () => {
    const { network, guest } = echoing();
    const frames: Uint8Array[] = [];
    const spy = { send: (frame: Uint8Array) => frames.push(frame), attach: () => undefined };
    new Guest(spy).ask(ELSEWHERE, 7, new Uint8Array(10));
    network.send(Uint8Array.from([...frames[0]!, ...new Uint8Array(2000)]));
    expect(guest.messages(0)).toHaveLength(1);
  });
});
