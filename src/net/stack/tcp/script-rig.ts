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

/** A TCP whose peer is a script, which says and sees segments. */
export class Script {
  readonly clock = new Clock();
  /** What the TCP sent and nobody looked at yet. */
  said: Segment[] = [];
  socket: TcpSocket | null = null;
  /** What the peer said last that it has. */
  private has = 0;
  private readonly stack: TcpStack;

  constructor() {
    const send = (datagram: Datagram) => this.hear(datagram);
    const listener = () => (socket: TcpSocket) => {
      this.socket = socket;
    };
    this.stack = new TcpStack({ clock: this.clock, mtu: 1460, send, listener }, 1);
  }

  /** The script says it; what is not given is an ACK of all that it heard, with a large window. */
  say(segment: Partial<Segment>): void {
    const usual = { sequence: FIRST + 1, acknowledgment: this.has, flags: ACK, window: 0xffff };
    const none = { mss: null, shift: null, payload: new Uint8Array(0) };
    this.stack.receive(datagramOf({ local: THERE, remote: HERE }, { ...usual, ...none, ...segment }));
  }

  /** The handshake; what the SYN says is given. @returns what is written to. */
  open(syn: Partial<Segment> = {}): TcpSocket {
    this.say({ sequence: FIRST, flags: SYN, acknowledgment: 0, ...syn });
    this.say({ window: syn.window ?? 0xffff });
    this.heard();
    return this.socket!;
  }

  /** What the TCP said since this was asked last. */
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
