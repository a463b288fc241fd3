import type { Clock } from '../../../core/clock.ts';
import { Random } from '../../../core/random.ts';
import { ipv4, TCP_FLAGS, tcp } from '../../frame/headers.ts';
import type { Address, Ipv4 } from '../address.ts';
import type { Datagram } from '../datagram.ts';
import type { Endpoint } from '../endpoint.ts';
import { TcpConnection } from './connection.ts';
import { datagramOf, type Ends, type Segment, segmentIn } from './segment.ts';
import { plus } from './sequence.ts';
import type { TcpSocket } from './socket.ts';
import type { TcpWire } from './wire.ts';

const { ACK, RST, SYN, FIN } = TCP_FLAGS.mask;
/** RFC 6335: ports that nobody is given for good. */
const [EPHEMERAL, EPHEMERAL_END] = [49_152, 65_536];
/** Connections at once: who asks for more is not heard, as by a server that has no more room. */
const MOST = 4096;

/** What a TCP needs of the network that it is in. */
interface TcpNetwork<A extends Address> {
  readonly clock: Clock;
  readonly mtu: number;
  /** Bytes of a header of IP. Default those of IPv4. */
  readonly header?: number;
  send(datagram: Datagram<A>): void;
  /** Who takes a connection to there; null if nobody does. */
  listener(to: Endpoint<A>): ((socket: TcpSocket) => void) | null;
}

/** All connections of one end of a wire, which may have many addresses. */
export class TcpStack<A extends Address = Ipv4> implements TcpWire<A> {
  readonly clock: Clock;
  readonly mss: number;
  private readonly network: TcpNetwork<A>;
  private readonly random: Random;
  private readonly connections = new Map<string, TcpConnection<A>>();
  private port = EPHEMERAL;

  /** @param seed of first sequence numbers. */
  constructor(network: TcpNetwork<A>, seed: number) {
    this.network = network;
    this.clock = network.clock;
    this.mss = network.mtu - (network.header ?? ipv4.size) - tcp.size;
    this.random = new Random(seed);
  }

  receive(datagram: Datagram<A>): void {
    const found = segmentIn(datagram);
    if (found === null) return;
    const { ends, segment } = found;
    const known = this.connections.get(keyOf(ends));
    if (known === undefined) this.receiveFirst(ends, segment);
    else known.receive(segment);
  }

  /** Asks `remote` for a connection, from a port of its own. */
  connect(from: A, remote: Endpoint<A>): TcpSocket {
    let ends: Ends<A>;
    do ends = { local: { address: from, port: this.nextPort() }, remote };
    while (this.connections.has(keyOf(ends)));
    const connection = this.add(ends);
    connection.open();
    return connection;
  }

  send(ends: Ends<A>, segment: Segment): void {
    this.network.send(datagramOf(ends, segment));
  }

  refuse(ends: Ends<A>, { sequence, acknowledgment, flags, payload }: Segment): void {
    if ((flags & RST) !== 0) return;
    const length = payload.length + Number((flags & SYN) !== 0) + Number((flags & FIN) !== 0);
    const answer =
      (flags & ACK) !== 0
        ? { sequence: acknowledgment, acknowledgment: 0, flags: RST }
        : { sequence: 0, acknowledgment: plus(sequence, length), flags: RST | ACK };
    this.send(ends, { ...answer, window: 0, mss: null, shift: null, payload: new Uint8Array(0) });
  }

  gone(ends: Ends<A>): void {
    this.connections.delete(keyOf(ends));
  }

  /** What there is ends without a word: the cable is pulled, or the guest's memory of it gone. */
  forget(): void {
    for (const connection of [...this.connections.values()]) connection.lose();
  }

  private receiveFirst(ends: Ends<A>, segment: Segment): void {
    const take = this.network.listener(ends.local);
    const isSyn = (segment.flags & (SYN | ACK | RST)) === SYN;
    if (take === null || !isSyn) this.refuse(ends, segment);
    else if (this.connections.size < MOST) {
      const connection = this.add(ends);
      take(connection);
      connection.accept(segment);
    }
  }

  private add(ends: Ends<A>): TcpConnection<A> {
    const connection = new TcpConnection(this, ends, this.random.next());
    this.connections.set(keyOf(ends), connection);
    return connection;
  }

  private nextPort(): number {
    const { port } = this;
    this.port = port + 1 < EPHEMERAL_END ? port + 1 : EPHEMERAL;
    return port;
  }
}

function keyOf({ local, remote }: Ends<Address>): string {
  return `${local.address}:${local.port} ${remote.address}:${remote.port}`;
}
