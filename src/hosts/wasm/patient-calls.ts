import { hasTimedOut } from './guard.ts';
import type { WasmArgument, WasmProgram } from './program.ts';
import { WasmDriverError } from './wasm-driver-error.ts';

/** A program, or a function that it has taken into use. */
type Callee = Pick<WasmProgram, 'call'>;

/**
 * Calls of a module in a suite, which has many scenarios: whoever did not return is not waited for again.
 *
 * @example
 * const calls = new PatientCalls('nic.wasm');
 * calls.done(nic, 'run');            // WasmDriverError: nic.wasm: run returned -1: it gave up
 */
export class PatientCalls {
  private readonly name: string;
  /** How it did not return. */
  private late: unknown = null;

  constructor(name: string) {
    this.name = name;
  }

  /** Whatever may call the module. */
  once<T>(act: () => T): T {
    if (this.late !== null)
      throw this.error('is not called again, since a call of it did not return', this.late);
    try {
      return act();
    } catch (error) {
      if (hasTimedOut(error)) this.late = error;
      throw error;
    }
  }

  of(callee: Callee, name: string, ...args: readonly WasmArgument[]): number {
    return this.once(() => callee.call(name, ...args));
  }

  /** Of what returns 0 if all went well. */
  done(callee: Callee, name: string, ...args: readonly WasmArgument[]): void {
    const result = this.of(callee, name, ...args);
    if (result !== 0) throw this.error(`${name} returned ${result}: it gave up`);
  }

  private error(what: string, cause?: unknown): WasmDriverError {
    return new WasmDriverError(this.name, what, cause);
  }
}
