import type { Nanos } from '../../core/bits.ts';
import { checkBytes, checkFunction, checkMethods, checkObject } from '../../core/checks.ts';
import type { Clock } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { CapturedFrame, CaptureWriter } from '../../trace/index.ts';
import { KeptFrames } from '../kept-frames.ts';
import type { NetBackend, NetPort } from './backend.ts';
import { backendExpected } from './switch.ts';

/**
 * Sits between a NIC and its backend and records frames: `out` is what the guest sent, `in` what was sent to it,
 * dropped by the NIC or not. Both pass unchanged.
 *
 * @example
 * const writer = new CaptureWriter((block) => writeSync(file, block), 'nic0');
 * const machine = gceN1({ nics: [{ backend: new Recorder(new Loopback(), writer) }] });
 *
 * @throws MisuseError for an invalid backend, writer or function.
 */
export class Recorder implements NetBackend, NetPort {
  private readonly inner: NetBackend;
  private readonly writer: CaptureWriter;
  private readonly now: () => Nanos;
  private port: NetPort | null = null;

  /** @param now The time to record, by default the machine's. */
  constructor(inner: NetBackend, writer: CaptureWriter, now?: () => Nanos) {
    checkMethods(
      'recorder.backend',
      inner,
      ['send', 'attach'],
      backendExpected(inner, 'a backend (send, attach)'),
    );
    checkMethods('recorder.writer', writer, ['add'], 'a CaptureWriter');
    if (now !== undefined) checkFunction('recorder.now', now);
    this.inner = inner;
    this.writer = writer;
    this.now = now ?? (() => this.clock.now);
  }

  attach(port: NetPort | null): void {
    this.port = port;
    this.inner.attach(port === null ? null : this);
  }

  send(frame: Uint8Array): void {
    this.writer.add({ at: this.now(), data: frame, direction: 'out' });
    this.inner.send(frame);
  }

  /** The machine's time. Meaningless without a NIC. */
  get clock(): Clock {
    return this.port!.clock;
  }

  receive(frame: Uint8Array): void {
    this.writer.add({ at: this.now(), data: frame, direction: 'in' });
    this.port?.receive(frame);
  }
}

/**
 * Delivers recorded frames to the NIC one by one, on request, and keeps what the guest sends.
 *
 * @example
 * const replay = new Replay(readCapture(readFileSync('boot.pcapng')));
 * const machine = gceN1({ nics: [{ backend: replay }] });
 * machine.attach(myNet);
 * replay.next();        // true: the first frame was delivered
 * replay.deliver();     // delivers the rest, returns their number
 * replay.sent;          // copies of the last that the guest sent meanwhile
 *
 * @throws MisuseError for an invalid list of frames.
 *
 * Frames that the capture marks as outbound are skipped: in a recording of a guest they are the guest's own.
 */
export class Replay implements NetBackend {
  private readonly kept: KeptFrames;
  private readonly frames: readonly Uint8Array[];
  private delivered = 0;
  private port: NetPort | null = null;

  /** @param options `keep`: how many of the last frames that the guest sends are kept. Default 4096. */
  constructor(frames: readonly (CapturedFrame | Uint8Array)[], options: { readonly keep?: number } = {}) {
    if (!Array.isArray(frames)) throw new MisuseError('replay.frames', frames, 'a list of frames');
    for (const [i, frame] of frames.entries())
      checkBytes(`replay.frames[${i}]`, frame instanceof Uint8Array ? frame : frame?.data);
    checkObject('replay.options', options);
    this.kept = new KeptFrames(options.keep);
    this.frames = frames
      .filter((frame) => frame instanceof Uint8Array || frame.direction !== 'out')
      .map((frame) => (frame instanceof Uint8Array ? frame : frame.data));
  }

  /** Copies of the last frames that the guest sent, in order. */
  get sent(): Uint8Array[] {
    return this.kept.frames;
  }

  /** How many frames the guest sent in total. */
  get sentTotal(): number {
    return this.kept.total;
  }

  /** How many frames are still to be delivered. */
  get remaining(): number {
    return this.frames.length - this.delivered;
  }

  attach(port: NetPort | null): void {
    this.port = port;
  }

  send(frame: Uint8Array): void {
    this.kept.add(frame);
  }

  /** Delivers one frame to the NIC; false if none is left. @throws MisuseError if no NIC is attached. */
  next(): boolean {
    if (this.remaining === 0) return false;
    if (this.port === null) throw new MisuseError('replay', 'detached', 'the backend of a NIC');
    this.port.receive(this.frames[this.delivered++]!);
    return true;
  }

  /** Delivers up to `count` frames, by default all that are left; returns how many. @throws as `next`. */
  deliver(count: number = this.remaining): number {
    if (!(typeof count === 'number' && count >= 0)) throw new MisuseError('replay.count', count, '0 or more');
    const before = this.delivered;
    while (this.delivered - before < count && this.next());
    return this.delivered - before;
  }
}
