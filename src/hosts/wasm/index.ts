/**
 * Drivers compiled to WebAssembly, whose memory is the machine's RAM.
 *
 * @experimental All names but those that docs/versions.md calls stable: a minor version may change them.
 */

export type { WasmArgument, WasmProgram } from './program.ts';
export { WasmDriverError } from './wasm-driver-error.ts';
export type { WasmHandle } from './wasm-handle.ts';
export type { WasmModel } from './wasm-model.ts';
export { WasmModule, type WasmOptions } from './wasm-module.ts';
