import { PROTOCOL, TCP_FLAGS } from '../frame/headers.ts';
import { ipv4Of, macOf } from '../stack/address.ts';
import { type Datagram, datagramIn, frameOf } from '../stack/datagram.ts';
import { datagramOf, type Segment, segmentIn } from '../stack/tcp/segment.ts';
import { datagramOf as messageOf } from '../stack/udp.ts';

const { SYN, ACK } = TCP_FLAGS.mask;
const [OWN, GATEWAY] = [ipv4Of('own', '10.128.0.2'), ipv4Of('gateway', '10.128.0.1')];
const LINK = { source: macOf(OWN), destination: macOf(GATEWAY) };
const NOTHING = new Uint8Array(0);
const FIRST = 1000;
/** Payload that fits an MTU of 1460. */
const MOST = 1420;

/** Destination of the connection. */
export interface Place {
  readonly address: number;
  readonly port: number;
}

/** For tests: a guest without a TCP, which sends segments by hand. It acknowledges nothing but the network's SYN. */
export class FloodGuest {
  /** What came by TCP, by the guest's port: bytes of payload, the first of them as text, and the last flags. */
  readonly heard = new Map<number, number>();
  readonly first = new Map<number, string>();
  readonly flags = new Map<number, number>();
  /** The last acknowledgment number and window from the network. */
  readonly taken = new Map<number, number>();
  readonly window = new Map<number, number>();
  /** Other frames that came. */
  readonly datagrams: Datagram[] = [];
  private readonly send: (frame: Uint8Array) => void;
  private readonly initial = new Map<number, number>();
  private readonly next = new Map<number, number>();
  private readonly ends = new Map<number, number>();

  constructor(send: (frame: Uint8Array) => void) {
    this.send = send;
  }

  /** Called with each frame. */
  hear(frame: Uint8Array): void {
    const datagram = datagramIn(frame);
    const found = datagram?.protocol === PROTOCOL.TCP ? segmentIn(datagram) : null;
    if (found !== null) this.note(found.ends.local.port, found.segment);
    else if (datagram !== null) this.datagrams.push(datagram);
  }

  /** Sequence number after all that came. */
  end(port: number): number {
    return this.ends.get(port) ?? 0;
  }

  message(port: number, to: Place, bytes: Uint8Array): void {
    const ends = { from: { address: OWN, port }, to };
    this.send(frameOf(LINK, messageOf({ ...ends, bytes }), 1));
  }

  ask(port: number, to: Place): void {
    this.initial.delete(port);
    this.next.set(port, FIRST + 1);
    this.say(port, to, { flags: SYN, sequence: FIRST, acknowledgment: 0, mss: MOST, shift: 0 });
  }

  /** Answers the SYN that came, if one did. */
  answer(port: number, to: Place, window = 0xffff): void {
    if (this.initial.has(port)) this.say(port, to, { window });
  }

  open(port: number, to: Place, window = 0xffff): void {
    this.ask(port, to);
    this.answer(port, to, window);
  }

  /** Sends bytes, regardless of the window. */
  put(port: number, to: Place, bytes: Uint8Array, window = 0xffff): void {
    for (let at = 0; at < bytes.length; at += MOST) {
      const payload = bytes.subarray(at, at + MOST);
      this.say(port, to, { payload, window });
      this.next.set(port, (this.next.get(port)! + payload.length) >>> 0);
    }
  }

  say(port: number, { address, port: to }: Place, segment: Partial<Segment>): void {
    const acknowledgment = ((this.initial.get(port) ?? 0) + 1) >>> 0;
    const usual = { sequence: this.next.get(port) ?? FIRST, acknowledgment, flags: ACK, window: 0xffff };
    const none = { mss: null, shift: null, payload: NOTHING };
    const ends = { local: { address: OWN, port }, remote: { address, port: to } };
    this.send(frameOf(LINK, datagramOf(ends, { ...usual, ...none, ...segment }), 1));
  }

  private note(port: number, { flags, sequence, acknowledgment, window, payload }: Segment): void {
    if ((flags & SYN) !== 0) this.initial.set(port, sequence);
    this.flags.set(port, flags);
    this.taken.set(port, acknowledgment);
    this.window.set(port, window);
    if (payload.length === 0) return;
    if (!this.first.has(port)) this.first.set(port, Buffer.from(payload).toString('latin1'));
    this.heard.set(port, (this.heard.get(port) ?? 0) + payload.length);
    this.ends.set(port, (sequence + payload.length) >>> 0);
  }
}
