import {
  acceptable,
  type Driver,
  type DriverQueue,
  FEATURE,
  type GuestPort,
  isVirtio,
  type Segment,
  TRANSPORT_FEATURES,
  VirtioDriver,
  type VirtioUse,
} from '../../src/guest/index.ts';

const [RECEIVE, TRANSMIT] = [0, 1];
const [MTU, MAC] = [3, 5];
/** The features that it understands, and those that the standard requires of each driver. */
const KNOWN = [...TRANSPORT_FEATURES, MTU, MAC];
/** Before a frame: two bytes more with VERSION_1 or MRG_RXBUF, which none of these takes. */
const [HEADER, HEADER_WITH_BUFFERS] = [10, 12];
const LARGEST = 1514;
export const FRAME = new Uint8Array(60).fill(0xff, 0, 12);

/** A network card used by hand: queues, and chains of any shape. */
export class BareNic {
  readonly device: VirtioDriver;
  readonly port: GuestPort;
  readonly receiving: DriverQueue;
  readonly transmitting: DriverQueue;
  readonly header: number;
  sent = 0;
  received = 0;

  constructor(port: GuestPort, bdf: number, use: VirtioUse = {}, known: readonly number[] = KNOWN) {
    this.port = port;
    this.device = new VirtioDriver(port, bdf, 'bare', use);
    this.device.negotiate((offered) => acceptable(offered, known));
    this.header = this.device.features.has(FEATURE.VERSION_1) ? HEADER_WITH_BUFFERS : HEADER;
    this.receiving = this.device.addQueue(RECEIVE, () => this.receiving.drain(() => this.received++));
    this.transmitting = this.device.addQueue(TRANSMIT, () => this.transmitting.drain(() => this.sent++));
    this.device.ready();
    // A driver with a vector for frames waits for some, and has room for one.
    if (this.device.mode === 'msix') this.post(this.room());
  }

  /** Whether a header and the data behind it may lie in any pieces. */
  get anyLayout(): boolean {
    const { features } = this.device;
    return features.has(FEATURE.VERSION_1) || features.has(FEATURE.ANY_LAYOUT);
  }

  /** A buffer for the largest frame. */
  room(): Segment[] {
    const length = this.header + LARGEST;
    return this.pieces({ address: this.port.allocate(length, 1), length }, length);
  }

  /** A header and a frame in RAM. */
  packet(): Segment {
    const length = this.header + FRAME.length;
    const address = this.port.allocate(length, 1);
    this.port.memory.fill(address, 0, this.header);
    this.port.memory.write(address + this.header, FRAME);
    return { address, length };
  }

  /** The header by itself, and the rest in pieces of `size`; all in such pieces if that is allowed. */
  pieces(packet: Segment, size: number): Segment[] {
    if (this.anyLayout) return cut(packet, size);
    const { header } = this;
    const rest = { address: packet.address + header, length: packet.length - header };
    return [{ address: packet.address, length: header }, ...cut(rest, size)];
  }

  send(readable: readonly Segment[]): void {
    const before = this.sent;
    this.transmitting.add(readable, []);
    this.device.kick(this.transmitting);
    this.device.waitFor(() => this.sent > before, 1_000_000_000, 'the frame is not sent');
  }

  post(writable: readonly Segment[]): void {
    this.receiving.add([], writable);
    this.device.kick(this.receiving);
  }
}

export function cut({ address, length }: Segment, size: number): Segment[] {
  const pieces: Segment[] = [];
  for (let at = 0; at < length; at += size)
    pieces.push({ address: address + at, length: Math.min(size, length - at) });
  return pieces;
}

/** A driver of the first network card that gives the port and where it is. */
export const bareNic: Driver<{ port: GuestPort; bdf: number }> = {
  name: 'bare',
  matches: (id) => isVirtio(id, 'net'),
  attach: (port, bdf) => ({ port, bdf }),
};
