import type { Nanos } from '../../core/bits.ts';
import { checkMethods, checkObject } from '../../core/checks.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import { Random } from '../../core/random.ts';
import type { NetBackend, NetPort } from './backend.ts';
import { backendExpected } from './switch.ts';

/** Frames that may wait on one line; more are lost, as in a full transmit queue (Linux's netem: 1000). */
const WAITING_MOST = 1000;
/** Preamble, frame check sequence and interframe gap, which take wire time too (IEEE 802.3, 4.4.2). */
const OVERHEAD_BYTES = 24;
const HELD_BACK: Nanos = 1e6;

/** A frame in transit. */
interface Waiting {
  readonly at: Nanos;
  readonly frame: Uint8Array;
}

/** One direction of an impaired wire. */
class Line {
  lost = 0;
  private readonly bad: Impairments;
  private readonly random: Random;
  private readonly to: (frame: Uint8Array) => void;
  /** In order of delivery time, then of arrival. */
  private readonly waiting: Waiting[] = [];
  /** When the last bit of the previous frame has left. */
  private free: Nanos = 0;

  constructor(bad: Impairments, random: Random, to: (frame: Uint8Array) => void) {
    this.bad = bad;
    this.random = random;
    this.to = to;
  }

  /** When the next frame is to be delivered, or Infinity. */
  get due(): Nanos {
    return this.waiting[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.waiting.length = 0;
    this.free = 0;
  }

  take(frame: Uint8Array, now: Nanos): void {
    const { loss = 0, duplicate = 0 } = this.bad;
    if (this.happens(loss)) this.lost++;
    else {
      this.carry(frame, now);
      if (this.happens(duplicate)) this.carry(frame, now);
    }
  }

  deliver(now: Nanos): void {
    while (this.due <= now) this.to(this.waiting.shift()!.frame);
  }

  private carry(lent: Uint8Array, now: Nanos): void {
    const { corrupt = 0 } = this.bad;
    const frame = this.happens(corrupt) ? this.spoilt(lent) : lent;
    const at = this.arrival(frame.length, now);
    if (at <= now && this.waiting.length === 0) this.to(frame);
    else if (this.waiting.length === WAITING_MOST) this.lost++;
    else this.queue({ at, frame: frame === lent ? lent.slice() : frame });
  }

  private queue(one: Waiting): void {
    const { waiting } = this;
    const behind = waiting.findLastIndex(({ at }) => at <= one.at);
    waiting.splice(behind + 1, 0, one);
  }

  private arrival(bytes: number, now: Nanos): Nanos {
    const { delay = 0, jitter = 0, reorder = 0, heldBack = HELD_BACK, rate } = this.bad;
    const begins = Math.max(now, this.free);
    const sent = rate === undefined ? now : begins + ((bytes + OVERHEAD_BYTES) * 8e9) / rate;
    this.free = sent;
    return sent + delay + this.random.below(jitter) + (this.happens(reorder) ? heldBack : 0);
  }

  private spoilt(frame: Uint8Array): Uint8Array {
    const copy = frame.slice();
    const bit = this.random.below(8 * copy.length);
    if (copy.length > 0) copy[bit >> 3]! ^= 1 << (bit & 7);
    return copy;
  }

  /** Draws one number for each impairment, so that one chance does not change the effects of the others. */
  private happens(chance: number): boolean {
    return this.random.below(1e9) < chance * 1e9;
  }
}

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

/** Impairments of a wire, for each direction. Chances are from 0 to 1, for each frame independently. */
export interface Impairments {
  /** Seed of the random choices, a whole number. Default 1. */
  readonly seed?: number;
  /** The chance that a frame is lost. Default 0. */
  readonly loss?: number;
  /** The chance that it is delivered twice. Default 0. */
  readonly duplicate?: number;
  /** The chance that one of its bits is flipped. Default 0. */
  readonly corrupt?: number;
  /** The chance that it is held back, so that later frames overtake it. Default 0. */
  readonly reorder?: number;
  /** For how long it is then held back. Default 1 ms. */
  readonly heldBack?: Nanos;
  /** Delay of every frame. Default 0. */
  readonly delay?: Nanos;
  /** Maximum of an additional random delay; it can reorder frames. Default 0. */
  readonly jitter?: Nanos;
  /** Bits per second; frames wait for transmission. Default unlimited. */
  readonly rate?: number;
}

const CHANCES = ['loss', 'duplicate', 'corrupt', 'reorder'] as const;
const TIMES = ['heldBack', 'delay', 'jitter'] as const;

function checkImpairments(given: Impairments): void {
  checkObject('impaired', given);
  for (const name of CHANCES) {
    const { [name]: chance = 0 } = given;
    if (!(typeof chance === 'number' && chance >= 0 && chance <= 1))
      throw new MisuseError(`impaired.${name}`, chance, 'a chance from 0 to 1');
  }
  for (const name of TIMES) {
    const { [name]: time = 0 } = given;
    if (!(typeof time === 'number' && time >= 0 && Number.isFinite(time)))
      throw new MisuseError(`impaired.${name}`, time, '0 ns or more');
  }
  const { rate = 1, seed = 1 } = given;
  if (!(typeof rate === 'number' && rate > 0))
    throw new MisuseError('impaired.rate', rate, 'a rate in bits per second');
  if (!Number.isInteger(seed)) throw new MisuseError('impaired.seed', seed, 'a whole number');
}
