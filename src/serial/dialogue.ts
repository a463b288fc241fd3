import type { Nanos } from '../core/bits.ts';
import { checkBytes, checkFunction } from '../core/checks.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { MisuseError } from '../core/misuse.ts';
import type { SerialEndpoint, SerialPeer } from './endpoint.ts';

/** Characters that a pattern can look back on. */
const WINDOW = 4096;
/** Lines shown in an error. */
const LINES = 10;
const SECOND: Nanos = 1_000_000_000;
const PATIENCE: Nanos = 60 * SECOND;

type Step =
  | { readonly kind: 'expect'; readonly pattern: RegExp | string; readonly within: Nanos }
  | { readonly kind: 'pause'; readonly time: Nanos }
  | { readonly kind: 'type'; readonly text: Uint8Array | string }
  | { readonly kind: 'do'; readonly act: (said: string) => void };

/** The guest did not print what a dialogue waited for. The message ends with the last lines that it printed. */
export class DialogueError extends Error {
  override readonly name = 'DialogueError';
  /** What was printed since the last expectation that was met, at most 4096 characters. */
  readonly printed: string;
  /** What did not happen: `"login: " did not come within 60 s`. */
  readonly complaint: string;

  constructor(port: string, complaint: string, printed: string) {
    const lines = printed.split('\n').slice(-LINES);
    const tail = printed === '' ? 'Nothing was printed.' : `Last printed:\n  ${lines.join('\n  ')}`;
    super(`${port}: ${complaint}. ${tail}`);
    this.printed = printed;
    this.complaint = complaint;
  }
}

/**
 * A script for the other end of a serial port. It advances whenever the guest prints, and on the virtual clock,
 * however that is moved: by a driver's `port.wait`, or a host that runs a CPU.
 *
 * @example
 * const login = machine.serial[0]!.dialogue().expect(/login: $/).type('root\n').expect('# ');
 * await host.run({ until: () => login.done });      // or machine.port.wait(() => login.done, limit)
 * login.finish();                                   // throws if the guest did not print it
 */
export class Dialogue implements SerialEndpoint {
  private readonly port: SerialPeer;
  private readonly clock: Clock;
  private readonly patience: Nanos;
  private readonly timer: Timer;
  private readonly steps: Step[] = [];
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private readonly stop: () => void;
  private next = 0;
  private unread = '';
  private before = '';
  private error: DialogueError | null = null;
  private over = false;

  /** @param patience how long each expectation may take, in virtual nanoseconds. */
  constructor(port: SerialPeer, clock: Clock, patience: Nanos = PATIENCE) {
    this.port = port;
    this.clock = clock;
    this.patience = checkTime('dialogue.patience', patience);
    this.timer = clock.timer(`${port.name} dialogue`, () => this.ring());
    this.stop = port.listen(this);
  }

  /** Why it stopped: set at the timeout, in virtual time, not only by `finish`. */
  get failed(): DialogueError | null {
    return this.error;
  }

  /** No step is left, or one failed. */
  get done(): boolean {
    return this.error !== null || this.next === this.steps.length;
  }

  /**
   * Waits until `pattern` is in what the guest printed since the last expectation was met, or the dialogue began. It is
   * matched after each byte: a pattern that ends in `\d+` is met by the first digit.
   */
  expect(pattern: RegExp | string, within: Nanos = this.patience): this {
    if (typeof pattern !== 'string' && !(pattern instanceof RegExp))
      throw new MisuseError('dialogue.expect', pattern, 'a string or a regular expression');
    return this.add({ kind: 'expect', pattern, within: checkTime('dialogue.expect', within) });
  }

  /** Sends; text goes as UTF-8. */
  type(text: Uint8Array | string): this {
    if (typeof text !== 'string') checkBytes('dialogue.type', text);
    return this.add({ kind: 'type', text });
  }

  /** Waits in virtual time, for a guest that discards input that is typed too early. */
  pause(time: Nanos): this {
    return this.add({ kind: 'pause', time: checkTime('dialogue.pause', time) });
  }

  /** Calls `act` with what was printed up to the end of the last expectation. If it throws, the dialogue goes on. */
  do(act: (said: string) => void): this {
    checkFunction('dialogue.do', act);
    return this.add({ kind: 'do', act });
  }

  /**
   * Ends the dialogue.
   *
   * @throws DialogueError if an expectation was not met in time, or not yet.
   */
  finish(): void {
    const step = this.steps[this.next];
    this.end();
    this.over = true;
    if (this.error !== null) throw this.error;
    if (step === undefined) return;
    const open = step.kind === 'expect' ? `still waiting for ${quote(step.pattern)}` : 'still in a pause';
    throw this.complain(open);
  }

  receive(byte: number): void {
    this.unread = (this.unread + this.decoder.decode(Uint8Array.of(byte), { stream: true })).slice(-WINDOW);
    this.proceed();
  }

  private add(step: Step): this {
    this.steps.push(step);
    if (this.next === this.steps.length - 1) this.start();
    this.clock.userCalls.raise();
    return this;
  }

  /** Begins the next step. */
  private start(): void {
    const step = this.steps[this.next];
    if (step?.kind === 'expect') this.timer.arm(step.within);
    if (step?.kind === 'pause') this.timer.arm(step.time);
    this.proceed();
  }

  private proceed(): void {
    if (this.over) return;
    const step = this.steps[this.next];
    if (step === undefined || step.kind === 'pause') return;
    if (step.kind === 'expect') {
      if (!found(this.unread, step.pattern)) return;
      this.before = this.unread;
      this.unread = '';
    } else if (step.kind === 'type') this.port.type(step.text);
    else this.clock.userCalls.shield(() => step.act(this.before));
    this.advance();
  }

  /** Unless a step has ended it. */
  private advance(): void {
    this.timer.disarm();
    this.next++;
    if (!this.over) this.start();
  }

  private ring(): void {
    const step = this.steps[this.next]!;
    if (step.kind === 'expect') {
      this.error = this.complain(`${quote(step.pattern)} did not come within ${step.within / SECOND} s`);
      this.end();
    } else this.advance();
  }

  private complain(what: string): DialogueError {
    return new DialogueError(this.port.name, what, this.unread);
  }

  private end(): void {
    this.stop();
    this.clock.remove(this.timer);
  }
}

function found(text: string, pattern: RegExp | string): boolean {
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0;
}

function quote(pattern: RegExp | string): string {
  return typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
}

function checkTime(path: string, time: Nanos): Nanos {
  if (typeof time === 'number' && time >= 0) return time;
  throw new MisuseError(path, time, '0 ns or more');
}
