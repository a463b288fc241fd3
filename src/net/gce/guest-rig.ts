import { Clock } from '../../core/clock.ts';
import type { NetBackend, NetPort } from '../backends/backend.ts';
import { PROTOCOL } from '../frame/headers.ts';
import { ipv4Of, macOf } from '../stack/address.ts';
import { type Datagram, datagramIn, frameOf } from '../stack/datagram.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import { TcpStack } from '../stack/tcp/stack.ts';
import { datagramOf, messageIn } from '../stack/udp.ts';

const [OWN, GATEWAY] = [ipv4Of('own', '10.128.0.2'), ipv4Of('gateway', '10.128.0.1')];
export const SERVER = '169.254.169.254';

/** For tests: a guest on the network, without a machine. It receives frames a microsecond late. */
export class Guest implements NetPort {
  readonly clock = new Clock();
  /** Frames that came. */
  readonly frames: Uint8Array[] = [];
  /** Accepts connections that the network opens, to port 22. */
  listener: ((socket: TcpSocket) => void) | null = null;
  private readonly network: NetBackend;
  private readonly stack: TcpStack;

  constructor(network: NetBackend) {
    this.network = network;
    const listener = ({ port }: { port: number }) => (port === 22 ? this.listener : null);
    const send = (datagram: Datagram) => this.put(datagram);
    this.stack = new TcpStack({ clock: this.clock, mtu: 1460, send, listener }, 99);
    network.attach(this);
  }

  receive(frame: Uint8Array): void {
    this.frames.push(frame);
    const timer = this.clock.timer('frame', () => {
      this.clock.remove(timer);
      const datagram = datagramIn(frame);
      if (datagram?.protocol === PROTOCOL.TCP) this.stack.receive(datagram);
    });
    timer.arm(1000);
  }

  put(datagram: Datagram): void {
    this.network.send(frameOf({ source: macOf(OWN), destination: macOf(GATEWAY) }, datagram, 0));
  }

  /** Sends a message, and returns the answers, as hex text for `hex`. */
  ask(address: string, port: number, bytes: Uint8Array, from = 5000): Uint8Array[] {
    const before = this.frames.length;
    const ends = { from: { address: OWN, port: from }, to: { address: ipv4Of('to', address), port } };
    this.put(datagramOf({ ...ends, bytes }));
    return this.messages(before);
  }

  /** Messages that came since there were so many frames. */
  messages(since: number): Uint8Array[] {
    return this.frames
      .slice(since)
      .map((frame) => datagramIn(frame))
      .filter((datagram) => datagram?.protocol === PROTOCOL.UDP)
      .map((datagram) => messageIn(datagram!)!.bytes);
  }

  connect(address: string, port: number): TcpSocket {
    return this.stack.connect(OWN, { address: ipv4Of('to', address), port });
  }

  /** Sends a text over TCP, ends, and returns all that came back within a minute. */
  talk(address: string, port: number, text: string, seconds = 60): string {
    const heard = this.open(address, port, text);
    this.pass(seconds);
    return heard.text;
  }

  /** The same, to be observed while time passes. */
  open(address: string, port: number, text: string): { text: string; end: string } {
    const heard = { text: '', end: '' };
    const socket = this.connect(address, port);
    socket.onData = (bytes) => {
      heard.text += Buffer.from(bytes).toString('latin1');
    };
    socket.onClose = (why) => {
      heard.end = why;
    };
    socket.write(text);
    socket.end();
    return heard;
  }

  pass(seconds: number): void {
    this.clock.advance(seconds * 1_000_000_000);
  }
}

/** A request to the metadata server, with the required header. */
export function get(path: string, more = '', method = 'GET'): string {
  return `${method} /computeMetadata/v1/${path} HTTP/1.1\r\nHost: metadata\r\nMetadata-Flavor: Google\r\n${more}\r\n`;
}

/** The status and the body of an answer. */
export function answer(text: string): [status: number, body: string] {
  const [head = '', ...body] = text.split('\r\n\r\n');
  return [Number(head.split(' ')[1]), body.join('\r\n\r\n')];
}
