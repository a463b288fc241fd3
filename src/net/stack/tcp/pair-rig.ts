import { Clock } from '../../../core/clock.ts';
import { Random } from '../../../core/random.ts';
import type { Datagram } from '../datagram.ts';
import type { TcpSocket } from './socket.ts';
import { TcpStack } from './stack.ts';

const [LEFT, RIGHT] = [0x0a00_0001, 0x0a00_0002];
const PORT = 80;
const HOUR = 3_600_000_000_000;

/** Impairments of a wire. */
export interface Weather {
  /** In percent of datagrams. */
  readonly loss: number;
  readonly twice: number;
  /** One byte is changed. */
  readonly spoilt: number;
  /** Minimum delay, and range of the additional delay, in nanoseconds: a larger range means more reordering. */
  readonly delay: number;
  readonly jitter: number;
  readonly seed: number;
}
export const FAIR: Weather = { loss: 0, twice: 0, spoilt: 0, delay: 1000, jitter: 0, seed: 1 };

/** Two TCPs with a wire between them that drops, repeats and reorders datagrams. */
export class Pair {
  readonly clock = new Clock();
  accepted: TcpSocket | null = null;
  carried = 0;
  private readonly weather: Weather;
  private readonly random: Random;
  readonly left = this.stack(LEFT);
  readonly right = this.stack(RIGHT);

  constructor(weather: Weather) {
    this.weather = weather;
    this.random = new Random(weather.seed);
  }

  connect(port = PORT): TcpSocket {
    return this.left.connect(LEFT, { address: RIGHT, port });
  }

  /** Runs until `done`, an hour at most. */
  run(done: () => boolean): void {
    while (!done() && this.clock.now < HOUR) this.clock.step(HOUR);
  }

  private stack(own: number): TcpStack {
    const network = {
      clock: this.clock,
      mtu: 1460,
      send: (datagram: Datagram) => this.carry(own === LEFT ? RIGHT : LEFT, datagram),
      listener: ({ port }: { port: number }) =>
        port === PORT
          ? (connection: TcpSocket) => {
              this.accepted = connection;
            }
          : null,
    };
    return new TcpStack(network, own);
  }

  private carry(to: number, datagram: Datagram): void {
    const { loss, twice, spoilt, delay, jitter } = this.weather;
    this.carried++;
    const copies = this.random.below(100) < loss ? 0 : this.random.below(100) < twice ? 2 : 1;
    if (this.random.below(100) < spoilt)
      datagram.payload[this.random.below(datagram.payload.length)]! ^= 1 + this.random.below(255);
    for (let i = 0; i < copies; i++) {
      const timer = this.clock.timer('datagram', () => {
        this.clock.remove(timer);
        (to === LEFT ? this.left : this.right).receive(datagram);
      });
      timer.arm(delay + this.random.below(jitter + 1));
    }
  }
}

/** All that a connection received, joined. */
export function collect(connection: TcpSocket): { bytes: number[]; ended: boolean; closed: string | null } {
  const got: { bytes: number[]; ended: boolean; closed: string | null } = {
    bytes: [],
    ended: false,
    closed: null,
  };
  connection.onData = (bytes) => got.bytes.push(...bytes);
  connection.onEnd = () => {
    got.ended = true;
  };
  connection.onClose = (why) => {
    got.closed = why;
  };
  return got;
}
