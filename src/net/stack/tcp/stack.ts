import type { Nanos } from '../../../core/bits.ts';
import type { Clock } from '../../../core/clock.ts';
import { Random } from '../../../core/random.ts';
import { ipv4, TCP_FLAGS, tcp } from '../../frame/headers.ts';
import type { Address, Ipv4 } from '../address.ts';
import type { Datagram } from '../datagram.ts';
import type { Endpoint } from '../endpoint.ts';
import { Budget } from './budget.ts';
import { TcpConnection } from './connection.ts';
import { datagramOf, type Ends, type Segment, segmentIn } from './segment.ts';
import { plus } from './sequence.ts';
import type { ServerSocket, TcpSocket } from './socket.ts';
import type { TcpWire } from './wire.ts';

const { ACK, RST, SYN, FIN } = TCP_FLAGS.mask;
/** RFC 6335: ports that nobody is given for good. */
const [EPHEMERAL, EPHEMERAL_END] = [49_152, 65_536];
/** A connection whose peer was not heard for so long gives way to a new one. */
const SILENT: Nanos = 5_000_000_000;

/** What a TCP needs of the network that it is in. */
interface TcpNetwork<A extends Address> {
  readonly clock: Clock;
  readonly mtu: number;
  /** What the connections may keep. Default one of their own. */
  readonly budget?: Budget | null;
  /** Bytes of a header of IP. Default those of IPv4. */
  readonly header?: number;
  send(datagram: Datagram<A>): void;
  /** Who takes a connection to there; null if nobody does. */
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
  /** Those of `connections` whose peers asked, and have not answered yet, the oldest first. */
  private readonly halfOpen = new Set<TcpConnection<A>>();
  private port = EPHEMERAL;

  /** @param seed of first sequence numbers. */
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

  opened(ends: Ends<A>): void {
    this.halfOpen.delete(this.connections.get(keyOf(ends))!);
  }

  gone(ends: Ends<A>): void {
    this.opened(ends);
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
    else if (this.connections.size < this.budget.connections || this.giveWay()) {
      const connection = this.add(ends);
      this.halfOpen.add(connection);
      connection.accept(segment, take);
    }
  }

  /** Ends a connection to make room: the oldest that is half open, or that of which nothing was heard for longest. */
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
