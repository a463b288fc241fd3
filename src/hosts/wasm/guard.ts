import { createContext, Script } from 'node:vm';
import { MisuseError } from '../../core/misuse.ts';
import { WasmDriverError } from './wasm-driver-error.ts';
import { RuntimeError } from './web-assembly.ts';

/** Named so that no finding takes it for the driver's. */
const CALL = new Script('call()', { filename: import.meta.url });
/** What `CALL` calls. One for all, since a context takes a millisecond to make. */
const PLACE: { call(): void } = { call: () => {} };
const CONTEXT = createContext(PLACE);
const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/** Whether a call ended by the host's clock. */
export function hasTimedOut(error: unknown): boolean {
  return error instanceof WasmDriverError && (error.cause as { code?: unknown } | null)?.code === TIMED_OUT;
}

/**
 * Runs a module's code, and puts into words how it ended. A loop without an access moves no virtual time and loses no
 * patience: only the host's clock ends it.
 *
 * @example
 * const guard = new Guard('nic.wasm', 2000);
 * guard.run('send', () => exports.send(at, 60));     // WasmDriverError: nic.wasm: send did not return within 2000 ms
 */
export class Guard {
  private readonly module: string;
  private readonly timeout: number;
  private depth = 0;

  /** @param timeout milliseconds of the host for a call from outside; calls within it, such as handlers, count with it. */
  constructor(module: string, timeout: number) {
    this.module = module;
    this.timeout = timeout;
  }

  run<T>(what: string, act: () => T): T {
    if (this.depth > 0) return act();
    this.depth++;
    try {
      return this.timed(act);
    } catch (error) {
      throw this.told(what, error);
    } finally {
      this.depth--;
    }
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
      return new WasmDriverError(this.module, `${what} trapped: ${message}`, error);
    if (error instanceof MisuseError)
      return new WasmDriverError(this.module, `${what} asked for what there is not: ${message}`, error);
    // The engine's own, where a number meets an i64 or a bigint anything else.
    if (error instanceof TypeError)
      return new WasmDriverError(this.module, `${what} passes a value of another type: ${message}`, error);
    return error;
  }
}
