/**
 * A module that cannot be a driver, or a driver that trapped, handed over what is not there, or did not return: one line,
 * with the module's name.
 *
 * `nic.wasm: send trapped: memory access out of bounds`
 */
export class WasmDriverError extends Error {
  override readonly name = 'WasmDriverError';
  /** The module, as its options name it. */
  readonly module: string;
  /** The line without it. */
  readonly what: string;

  constructor(module: string, what: string, cause?: unknown) {
    super(`${module}: ${what}`, { cause });
    this.module = module;
    this.what = what;
  }
}
