import { get16 } from '../../../core/big-endian.ts';
import type { NetPort } from '../../backends/backend.ts';
import { ETHERTYPE, ethernet, ipv6, PROTOCOL } from '../../frame/headers.ts';
import type { Ipv6 } from '../../stack/address.ts';
import type { Endpoint } from '../../stack/endpoint.ts';
import type { Budget } from '../../stack/tcp/budget.ts';
import type { ServerSocket } from '../../stack/tcp/socket.ts';
import { TcpStack } from '../../stack/tcp/stack.ts';
import { frameOf6, packetIn } from './packet.ts';

const SOURCE = { at: 6, end: 12 } as const;
const NEXT_HEADER = ethernet.size + ipv6.offset.next_header;

/** What TCP over IPv6 needs of the network. */
interface Tcp6Options {
  /** The gateway's MAC address. */
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly seed: number;
  listener(to: Endpoint<Ipv6>): ((socket: ServerSocket) => void) | null;
}

/** Connections that a guest opens over IPv6, to any address. */
export class Tcp6 {
  private readonly options: Tcp6Options;
  private stack: TcpStack<Ipv6> | null = null;
  /** The guest's MAC address, as last seen. */
  private guestMac = new Uint8Array(0);

  constructor(options: Tcp6Options) {
    this.options = options;
  }

  /** @param budget of all connections of the network. */
  attach(port: NetPort | null, budget: Budget | null): void {
    this.stack?.forget();
    const { mac, mtu, seed, listener } = this.options;
    const send = (packet: Parameters<typeof frameOf6>[1]) =>
      port?.receive(frameOf6({ source: mac, destination: this.guestMac }, packet));
    this.stack =
      port === null
        ? null
        : new TcpStack({ clock: port.clock, mtu, header: ipv6.size, budget, send, listener }, seed);
  }

  /** Takes a frame of the guest; false if it is not TCP over IPv6. */
  take(frame: Uint8Array): boolean {
    if (frame.length <= NEXT_HEADER || frame[NEXT_HEADER] !== PROTOCOL.TCP) return false;
    if (get16(frame, ethernet.offset.ethertype) !== ETHERTYPE.IPV6) return false;
    const packet = packetIn(frame);
    if (packet === null) return true;
    this.guestMac = frame.slice(SOURCE.at, SOURCE.end);
    // A connection keeps its endpoints, while the frame is valid only during this call.
    const [source, destination] = [packet.source.slice(), packet.destination.slice()];
    this.stack?.receive({ ...packet, source, destination });
    return true;
  }
}
