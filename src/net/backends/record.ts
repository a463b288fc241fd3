import type { Nanos } from '../../core/bits.ts';
import { checkFunction, checkMethods } from '../../core/checks.ts';
import type { Clock } from '../../core/clock.ts';
import type { CaptureWriter } from '../../trace/index.ts';
import type { NetBackend, NetPort } from './backend.ts';
import { backendExpected } from './backend-expected.ts';

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
