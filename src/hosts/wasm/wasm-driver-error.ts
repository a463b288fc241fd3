/**
 * A module that cannot be a driver, or a driver that trapped, passed an invalid argument, or did not return: one line,
 * with the module's name.
 *
 * `nic.wasm: send trapped: memory access out of bounds`
 */
export class WasmDriverError extends Error {
  override readonly name = 'WasmDriverError';
  /** The module, as its options name it. */
  readonly module: string;
  /** The message without the name. */
  readonly what: string;

  constructor(module: string, what: string, cause?: unknown) {
    super(`${module}: ${what}`, { cause });
    this.module = module;
    this.what = what;
  }
}
