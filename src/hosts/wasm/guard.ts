import { posix } from 'node:path';
import { createContext, Script } from 'node:vm';
import { naming, theirFrames } from '../../core/callers.ts';
import { hostClock } from '../../core/host-clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import type { DebugLines } from './dwarf/debug-lines.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import { RuntimeError } from './web-assembly.ts';

/** Named so that findings do not count it as the driver's. */
const CALL = new Script('call()', { filename: import.meta.url });
/** The function that `CALL` calls. One for all, since a context takes a millisecond to make. */
const PLACE: { call(): void } = { call: () => {} };
const CONTEXT = createContext(PLACE);
const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/**
 * Runs a module's code, and describes how it ended. A loop without an access advances no virtual time and uses no
 * patience: only the host's clock ends it. In the suite, the parent watches how long a driver is silent.
 *
 * @example
 * const guard = new Guard('nic.wasm', 1500, lines);
 * guard.run('send', () => exports.send(at, 60));     // WasmDriverError: nic.wasm: send did not return within 1500 ms
 */
export class Guard {
  private readonly module: string;
  private readonly timeout: number;
  private readonly lines: DebugLines;
  private depth = 0;

  /** @param timeout milliseconds of the host for a call from outside; nested calls, such as handlers, count with it. */
  constructor(module: string, timeout: number, lines: DebugLines) {
    this.module = module;
    this.timeout = timeout;
    this.lines = lines;
  }

  run<T>(what: string, act: () => T): T {
    if (this.depth > 0) return act();
    this.depth++;
    try {
      return naming(this.named, () => (hostClock.isWatched ? act() : this.timed(act)));
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

  private timed<T>(act: () => T): T {
    let result!: T;
    PLACE.call = () => {
      result = act();
    };
    CALL.runInContext(CONTEXT, { timeout: this.timeout });
    return result;
  }

  private told(what: string, error: unknown): unknown {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (code === TIMED_OUT)
      return new WasmDriverError(this.module, `${what} did not return within ${this.timeout} ms`, error);
    if (error instanceof RuntimeError || error instanceof RangeError)
      return new WasmDriverError(this.module, `${what} trapped: ${message}${this.whereOf(error)}`, error);
    if (error instanceof MisuseError)
      return new WasmDriverError(this.module, `${what} asked for what there is not: ${message}`, error);
    // The engine's own error, if a number is passed for an i64 or a bigint for anything else.
    if (error instanceof TypeError)
      return new WasmDriverError(this.module, `${what} passes a value of another type: ${message}`, error);
    return error;
  }
}
