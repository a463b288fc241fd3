import { describe, expect, test } from 'vitest';
import { Clock } from '../../../core/clock.ts';
import { PROTOCOL, udp } from '../../frame/headers.ts';
import { type Ipv6, macOf } from '../../stack/address.ts';
import { TcpStack } from '../../stack/tcp/stack.ts';
import { answer, get } from '../guest-rig.ts';
import { nameBytes } from '../name.ts';
import { type GceNetwork, gceNetwork } from '../network.ts';
import { frameOf6, ipv6Of, packetIn } from './packet.ts';

const OWN = ipv6Of('own', 'fd20::a80:2');
const SERVER = ipv6Of('server', 'fd20:ce::254');
const LINK = { source: macOf(0x0a80_0002), destination: macOf(0x0a80_0001) };

/** A guest with IPv6 only. */
class Guest6 {
  readonly clock = new Clock();
  readonly frames: Uint8Array[] = [];
  private readonly network: GceNetwork;
  private readonly stack: TcpStack<Ipv6>;

  constructor(network: GceNetwork) {
    this.network = network;
    const send = (packet: Parameters<typeof frameOf6>[1]) => network.send(frameOf6(LINK, packet));
    this.stack = new TcpStack({ clock: this.clock, mtu: 1460, header: 40, send, listener: () => null }, 5);
    network.attach(this);
  }

  receive(frame: Uint8Array): void {
    this.frames.push(frame);
    const timer = this.clock.timer('frame', () => {
      this.clock.remove(timer);
      const packet = packetIn(frame);
      if (packet?.protocol === PROTOCOL.TCP) this.stack.receive(packet);
    });
    timer.arm(1000);
  }

  /** Sends a text, ends, and returns all that came back within a minute, and how the connection ended. */
  talk(address: Ipv6, port: number, text: string): { text: string; end: string } {
    const heard = { text: '', end: '' };
    const socket = this.stack.connect(OWN, { address, port });
    socket.onData = (bytes) => {
      heard.text += Buffer.from(bytes).toString('latin1');
    };
    socket.onClose = (why) => {
      heard.end = why;
    };
    socket.write(text);
    socket.end();
    this.clock.advance(60_000_000_000);
    return heard;
  }

  ask(port: number, bytes: Uint8Array): Uint8Array {
    const payload = new Uint8Array(udp.size + bytes.length);
    udp.encode({ source_port: 5000, destination_port: port, length: payload.length }, payload);
    payload.set(bytes, udp.size);
    const before = this.frames.length;
    this.network.send(frameOf6(LINK, { source: OWN, destination: SERVER, protocol: PROTOCOL.UDP, payload }));
    return packetIn(this.frames[before]!)!.payload.subarray(udp.size);
  }
}

describe('over IPv6', () => {
  test('the metadata server is at fd20:ce::254', () => {
    const guest = new Guest6(gceNetwork({ ipv6: true, metadata: { instance: { attributes: { a: 'b' } } } }));
    expect(answer(guest.talk(SERVER, 80, get('instance/attributes/a')).text)).toEqual([200, 'b']);
    const bare = 'GET /computeMetadata/v1/ HTTP/1.1\r\nHost: metadata\r\n\r\n';
    expect(answer(guest.talk(SERVER, 80, bare).text)[0]).toBe(403);
  });

  test('what a test serves is at every other address, and knows its endpoints', () => {
    const network = gceNetwork({ ipv6: true });
    network.tcp(7, (socket) => {
      socket.write(`${socket.local.address} ${socket.remote.address}`);
      socket.end();
    });
    const heard = new Guest6(network).talk(ipv6Of('other', '2001:db8::1:0:0:9'), 7, 'x');
    expect(heard).toEqual({ text: '2001:db8::1:0:0:9 fd20::a80:2', end: 'closed' });
  });

  test('a connection to a port without a listener is refused', () => {
    expect(new Guest6(gceNetwork({ ipv6: true })).talk(SERVER, 81, 'x').end).toBe('reset');
  });

  test('long data comes in segments that fit IPv6', () => {
    const network = gceNetwork({ ipv6: true });
    const page = 'x'.repeat(50_000);
    network.http('/page', page);
    const guest = new Guest6(network);
    const other = ipv6Of('other', 'fd20::9');
    expect(answer(guest.talk(other, 80, 'GET /page HTTP/1.0\r\n\r\n').text)).toEqual([200, page]);
    expect(Math.max(...guest.frames.map(({ length }) => length))).toBe(14 + 1460);
  });

  test('names have IPv6 addresses, and NTP is served', () => {
    const guest = new Guest6(gceNetwork({ ipv6: true }));
    const AAAA = 28;
    const name = nameBytes('metadata.google.internal');
    const named = guest.ask(53, Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...name, 0, AAAA, 0, 1));
    const question = new Uint8Array(48).fill(0x23, 0, 1);
    expect(named.subarray(-16)).toEqual(SERVER);
    expect([...guest.ask(123, question).subarray(0, 2)]).toEqual([0x24, 2]);
  });

  test('nothing of IPv6 is there when it is off', () => {
    const guest = new Guest6(gceNetwork());
    expect([guest.talk(SERVER, 80, get('')), guest.frames]).toEqual([{ text: '', end: '' }, []]);
  });
});
