import { posix } from 'node:path';
import { naming, theirFrames } from '../../core/callers.ts';
import { hostClock } from '../../core/host-clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { DebugLines } from './dwarf/debug-lines.ts';
import { silence } from './silence.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import { RuntimeError } from './web-assembly.ts';

/**
 * Runs a module's code, and describes how it ended. A loop without an access advances no virtual time and uses no
 * patience: only its silence ends it. In the suite, the run is watched for that as a whole.
 *
 * @example
 * const guard = new Guard('nic.wasm', 1500, lines);
 * guard.run('send', () => exports.send(at, 60));     // WasmDriverError: nic.wasm: send made no access for 1500 ms
 */
export class Guard {
  private readonly module: string;
  private readonly timeout: number;
  private readonly lines: DebugLines;
  private depth = 0;

  /** @param timeout milliseconds of a processor for which a call from outside may make no access. */
  constructor(module: string, timeout: number, lines: DebugLines) {
    this.module = module;
    this.timeout = timeout;
    this.lines = lines;
  }

  run<T>(what: string, act: () => T): T {
    if (this.depth > 0) return silence.within(act);
    this.depth++;
    try {
      return naming(this.named, () => (hostClock.isWatched ? act() : this.timed(what, act)));
    } catch (error) {
      throw this.placed(this.told(what, error), error);
    } finally {
      this.depth--;
    }
  }

  private readonly named = (frames: string) => this.lines.named(frames);

  /** Our own errors get the stack of the cause; in others, only the module's places are named. */
  private placed(told: unknown, cause: unknown): unknown {
    if (!(cause instanceof Error && told instanceof Error)) return told;
    const { stack = '' } = cause;
    told.stack =
      told === cause
        ? this.lines.named(stack)
        : `${told.name}: ${told.message}\n${this.lines.named(theirFrames(stack))}`;
    return told;
  }

  /** `, at nic.c:48`, if known. */
  private whereOf({ stack = '' }: Error): string {
    const row = this.lines.firstIn(stack);
    return row === null ? '' : `, at ${posix.basename(row.file)}:${row.line}`;
  }

  private timed<T>(what: string, act: () => T): T {
    const ended = silence.bounded(this.timeout, act);
    if (ended !== null) return ended.result;
    throw new WasmDriverError(
      this.module,
      `${what} made no access for ${this.timeout} ms, and did not return`,
    );
  }

  private told(what: string, error: unknown): unknown {
    const { message } = error as { message?: unknown };
    if (error instanceof RuntimeError || error instanceof RangeError)
      return new WasmDriverError(this.module, `${what} trapped: ${message}${this.whereOf(error)}`, error);
    if (error instanceof MisuseError)
      return new WasmDriverError(this.module, `${what} passed a wrong argument: ${message}`, error);
    // The engine's own error, if a number is passed for an i64 or a bigint for anything else.
    if (error instanceof TypeError)
      return new WasmDriverError(this.module, `${what} passes a value of another type: ${message}`, error);
    return error;
  }
}
