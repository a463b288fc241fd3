import { checkMethods } from '../../core/checks.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { Random } from '../../core/random.ts';
import type { NetBackend, NetPort } from './backend.ts';
import { backendExpected } from './backend-expected.ts';
import { Line } from './impaired-line.ts';
import { checkImpairments, type Impairments } from './impairments.ts';

/**
 * An impaired wire between a NIC and its backend: it drops, repeats, reorders, corrupts and delays frames, and limits
 * the bits per second, each way. The same seed treats the same frames in the same way.
 *
 * @example
 * const backend = new Impaired(new Loopback(), { loss: 0.02, reorder: 0.05, delay: 200_000, seed: 7 });
 * const machine = gceN1({ nics: [{ backend }] });
 * const nic = machine.attach(virtioNetDriver);
 * nic.send(frame);
 * machine.wait(1_000_000);
 * nic.receive();          // the frame, 0.4 ms later, unless it was lost on its way
 * backend.lost;           // how many were
 *
 * @throws MisuseError for an invalid backend or chance.
 */
export class Impaired implements NetBackend, NetPort {
  private readonly inner: NetBackend;
  private readonly out: Line;
  private readonly in: Line;
  private port: NetPort | null = null;
  private timer: Timer | null = null;

  constructor(inner: NetBackend, impairments: Impairments = {}) {
    checkMethods(
      'impaired.backend',
      inner,
      ['send', 'attach'],
      backendExpected(inner, 'a backend (send, attach)'),
    );
    checkImpairments(impairments);
    const { seed = 1 } = impairments;
    this.inner = inner;
    this.out = new Line(impairments, new Random(seed), (frame) => this.inner.send(frame));
    this.in = new Line(impairments, new Random(~seed), (frame) => this.port?.receive(frame));
  }

  /** Frames that were lost, both ways: by chance, or because too many waited for transmission. */
  get lost(): number {
    return this.out.lost + this.in.lost;
  }

  /** The machine's time. Meaningless without a NIC. */
  get clock(): Clock {
    return this.port!.clock;
  }

  attach(port: NetPort | null): void {
    if (this.timer !== null) this.clock.remove(this.timer);
    this.out.clear();
    this.in.clear();
    this.port = port;
    this.timer = port?.clock.timer('impaired wire', () => this.deliver()) ?? null;
    this.inner.attach(port === null ? null : this);
  }

  send(frame: Uint8Array): void {
    this.carry(this.out, frame);
  }

  receive(frame: Uint8Array): void {
    this.carry(this.in, frame);
  }

  private carry(line: Line, frame: Uint8Array): void {
    if (this.timer === null) return;
    line.take(frame, this.clock.now);
    this.arm();
  }

  private deliver(): void {
    const { now } = this.clock;
    this.out.deliver(now);
    this.in.deliver(now);
    this.arm();
  }

  private arm(): void {
    const due = Math.min(this.out.due, this.in.due);
    if (due !== Number.POSITIVE_INFINITY) this.timer?.armAt(due);
  }
}
