import { Clock } from '../../../core/clock.ts';
import { TCP_FLAGS } from '../../frame/headers.ts';
import type { Datagram } from '../datagram.ts';
import { datagramOf, type Segment, segmentIn } from './segment.ts';
import type { TcpSocket } from './socket.ts';
import { TcpStack } from './stack.ts';

const { SYN, ACK } = TCP_FLAGS.mask;
const [HERE, THERE] = [
  { address: 0x0a00_0001, port: 80 },
  { address: 0x0a00_0002, port: 50_000 },
];
/** The script's first sequence number: the fourth byte is the first of the second 4 GiB. */
export const FIRST = 0xffff_fffc;

/** A TCP whose peer is a script that sends and checks segments. */
export class Script {
  readonly clock = new Clock();
  /** Segments that the TCP sent and that were not read yet. */
  said: Segment[] = [];
  socket: TcpSocket | null = null;
  /** The peer's last acknowledgment number. */
  private has = 0;
  private readonly stack: TcpStack;

  constructor() {
    const send = (datagram: Datagram) => this.hear(datagram);
    const listener = () => (socket: TcpSocket) => {
      this.socket = socket;
    };
    this.stack = new TcpStack({ clock: this.clock, mtu: 1460, send, listener }, 1);
  }

  /** Sends a segment of the script; by default an ACK of all that came, with a large window. */
  say(segment: Partial<Segment>): void {
    const usual = { sequence: FIRST + 1, acknowledgment: this.has, flags: ACK, window: 0xffff };
    const none = { mss: null, shift: null, payload: new Uint8Array(0) };
    this.stack.receive(datagramOf({ local: THERE, remote: HERE }, { ...usual, ...none, ...segment }));
  }

  /** The handshake, with the given fields of the SYN. @returns the socket. */
  open(syn: Partial<Segment> = {}): TcpSocket {
    this.say({ sequence: FIRST, flags: SYN, acknowledgment: 0, ...syn });
    this.say({ window: syn.window ?? 0xffff });
    this.heard();
    return this.socket!;
  }

  /** The segments that the TCP sent since the last call. */
  heard(): Segment[] {
    const { said } = this;
    this.said = [];
    return said;
  }

  private hear(datagram: Datagram): void {
    const { segment } = segmentIn(datagram)!;
    const { sequence, flags, payload } = segment;
    this.has = (sequence + payload.length + Number((flags & SYN) !== 0)) >>> 0;
    this.said.push(segment);
  }
}
