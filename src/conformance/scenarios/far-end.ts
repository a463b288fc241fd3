import type { Nanos } from '../../core/bits.ts';
import type { SerialPort } from '../../machine/serial.ts';
import { DataError, demandBytes } from './differences.ts';
import type { Fixture } from './fixture.ts';
import { pass, passUntil } from './frames.ts';

/** Virtual nanoseconds between calls of `use.key`: a character without a FIFO waits for 87 µs at 115200 baud. */
const POLL: Nanos = 20_000;
/** Without any byte until no more is waited for: two characters at 50 baud. */
const QUIET: Nanos = 500_000_000;
/** And where more would be a mistake: one at 110 baud. */
const A_WHILE: Nanos = 100_000_000;
/** More than any driver keeps of what came before. */
const KEPT_MOST = 4096;
/** A letter. */
const MARK = Uint8Array.of(0x47);

/**
 * The other end of the serial port that a driver uses, which is the one where its first text came out, or of whose bytes
 * its `key` knows.
 *
 * @example
 * const end = new FarEnd(fixture);           // starts and uses the driver
 * end.demandPrinted(text);                   // use.print(text), and it arrives
 * end.demandTaken(bytes);                    // types, and use.key() has all of it
 */
export class FarEnd {
  readonly port: SerialPort;
  private readonly fixture: Fixture;

  constructor(fixture: Fixture) {
    this.fixture = fixture;
    fixture.start();
    fixture.use();
    this.settle();
    this.port = fixture.can('print') ? this.portOfPrint() : this.portOfKey();
    this.settle();
  }

  /** Prints one behind the other. @throws DataError if another text arrives. */
  demandPrinted(...texts: readonly Uint8Array[]): void {
    const { print } = this.fixture;
    const whole = Uint8Array.from(texts.flatMap((text) => [...text]));
    const printAll = () => {
      for (const text of texts) print(text);
    };
    const got = this.heard(printAll, whole.length);
    demandBytes(`what arrived at ${this.port.name} of use.print()`, got, whole);
  }

  /** What arrives while `act` runs, until there are so many bytes or no more come, and a little longer. */
  heard(act: () => void, count: number): Uint8Array {
    const { machine } = this.fixture;
    const came: number[] = [];
    const stop = this.port.listen({ receive: (byte) => came.push(byte) });
    act();
    for (let before = -1; came.length > before && came.length < count; ) {
      before = came.length;
      machine.port.wait(() => came.length >= count, QUIET);
    }
    this.pass(A_WHILE);
    stop();
    return Uint8Array.from(came);
  }

  /** @throws DataError if `use.key` has not just these bytes, which are typed. */
  demandTaken(bytes: Uint8Array): void {
    this.demandAmong(
      bytes,
      () => this.port.type(bytes),
      () => true,
    );
  }

  /**
   * @param type lets `bytes` come, among others.
   * @throws DataError if those that `use.key` has are others, apart from such as are not `meant`.
   */
  demandAmong(bytes: Uint8Array, type: () => void, meant: (byte: number) => boolean): void {
    this.forget();
    type();
    const got = this.keys(bytes.length, meant);
    demandBytes(`what use.key() had of ${this.port.name}`, Uint8Array.from(got), bytes);
  }

  /** Lets time pass. That a driver is asked again and again is no impatience of its own. */
  private pass(time: Nanos): void {
    const { machine } = this.fixture;
    pass(machine, time);
    machine.chassis.port.patience.progress();
  }

  /** Until nothing is sent any more. */
  private settle(): void {
    const { machine } = this.fixture;
    const sent = () => machine.serial.reduce((sum, { sentTotal }) => sum + sentTotal, 0);
    for (let before = -1; sent() > before; ) {
      before = sent();
      this.pass(A_WHILE);
    }
  }

  /** Leaves out what was typed before. */
  private forget(): void {
    for (let i = 0; i < KEPT_MOST && this.fixture.key() !== null; i++);
  }

  /** One more than so many, if there is one. */
  private keys(count: number, meant: (byte: number) => boolean): number[] {
    const { key } = this.fixture;
    const got: number[] = [];
    for (let quiet = 0; quiet < QUIET && got.length <= count; ) {
      const byte = key();
      if (byte !== null) {
        quiet = 0;
        if (meant(byte)) got.push(byte);
      } else if (got.length === count) break;
      else {
        this.pass(POLL);
        quiet += POLL;
      }
    }
    return got;
  }

  private portOfPrint(): SerialPort {
    const { machine, print } = this.fixture;
    const before = machine.serial.map(({ sentTotal }) => sentTotal);
    const found = () => machine.serial.find(({ sentTotal }, i) => sentTotal > before[i]!);
    print(MARK);
    passUntil(machine, () => found() !== undefined);
    const port = found();
    if (port === undefined) throw new DataError('nothing of use.print() arrived at a serial port');
    return port;
  }

  private portOfKey(): SerialPort {
    for (const port of this.fixture.machine.serial) {
      this.forget();
      port.type(MARK);
      if (this.keys(MARK.length, (byte) => byte === MARK[0]).length > 0) return port;
    }
    throw new DataError('use.key() had nothing of what was typed on any serial port');
  }
}
