import type { Nanos } from '../../../core/bits.ts';
import type { Clock } from '../../../core/clock.ts';
import { Random } from '../../../core/random.ts';
import { ipv4, TCP_FLAGS, tcp } from '../../frame/headers.ts';
import type { Address, Ipv4 } from '../address.ts';
import type { Datagram } from '../datagram.ts';
import type { Endpoint } from '../endpoint.ts';
import { Budget } from './budget.ts';
import { TcpConnection } from './connection.ts';
import type { TcpWire } from './segment.ts';
import { datagramOf, type Ends, type Segment, segmentIn } from './segment.ts';
import { plus } from './sequence.ts';
import type { ServerSocket, TcpSocket } from './socket.ts';

const { ACK, RST, SYN, FIN } = TCP_FLAGS.mask;
/** RFC 6335: ports without a permanent assignment. */
const [EPHEMERAL, EPHEMERAL_END] = [49_152, 65_536];
/** A connection whose peer was silent for this long is dropped for a new one. */
const SILENT: Nanos = 5_000_000_000;

/** What a TCP stack needs of its network. */
interface TcpNetwork<A extends Address> {
  readonly clock: Clock;
  readonly mtu: number;
  /** Memory for the connections. Default one of their own. */
  readonly budget?: Budget | null;
  /** Bytes of an IP header. Default those of IPv4. */
  readonly header?: number;
  send(datagram: Datagram<A>): void;
  /** The handler for connections to that endpoint; null for none. */
  listener(to: Endpoint<A>): ((socket: ServerSocket) => void) | null;
}

/** All connections of one end of a wire, which may have many addresses. */
export class TcpStack<A extends Address = Ipv4> implements TcpWire<A> {
  readonly clock: Clock;
  readonly mss: number;
  readonly budget: Budget;
  private readonly network: TcpNetwork<A>;
  private readonly random: Random;
  private readonly connections = new Map<string, TcpConnection<A>>();
  /** The half-open ones of `connections`: SYN received but not established, the oldest first. */
  private readonly halfOpen = new Set<TcpConnection<A>>();
  private port = EPHEMERAL;

  /** @param seed of initial sequence numbers. */
  constructor(network: TcpNetwork<A>, seed: number) {
    this.network = network;
    this.clock = network.clock;
    this.budget = network.budget ?? new Budget(network.clock);
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

  /** Opens a connection to `remote`, from an ephemeral port. */
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

  opened(ends: Ends<A>): void {
    this.halfOpen.delete(this.connections.get(keyOf(ends))!);
  }

  gone(ends: Ends<A>): void {
    this.opened(ends);
    this.connections.delete(keyOf(ends));
  }

  /** Ends all connections silently: the network was detached, or the guest was reset. */
  forget(): void {
    for (const connection of [...this.connections.values()]) connection.lose();
  }

  private receiveFirst(ends: Ends<A>, segment: Segment): void {
    const take = this.network.listener(ends.local);
    const isSyn = (segment.flags & (SYN | ACK | RST)) === SYN;
    if (take === null || !isSyn) this.refuse(ends, segment);
    else if (this.connections.size < this.budget.connections || this.giveWay()) {
      const connection = this.add(ends);
      this.halfOpen.add(connection);
      connection.accept(segment, take);
    }
  }

  /** Drops a connection to make room: the oldest half-open one, or the one that was silent for longest. */
  private giveWay(): boolean {
    for (const oldest of this.halfOpen) {
      oldest.lose();
      return true;
    }
    let quietest: TcpConnection<A> | null = null;
    for (const connection of this.connections.values())
      if (connection.heardAt < (quietest?.heardAt ?? this.clock.now - SILENT)) quietest = connection;
    quietest?.abort();
    return quietest !== null;
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
