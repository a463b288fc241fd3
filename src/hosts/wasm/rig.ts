import wabt from 'wabt';
import { gceN1 } from '../../machine/gce-n1.ts';
import { WasmModule, type WasmOptions } from './wasm-module.ts';

const { parseWat } = await wabt();
const FEATURES = { bulk_memory: true };

/** A module of this text, as it stands. */
export function bytesOf(text: string): Uint8Array {
  return parseWat('driver.wat', `(module ${text})`, FEATURES).toBinary({}).buffer;
}

/** The part that every driver's module has. */
export const MEMORY = '(import "env" "memory" (memory 1))';
export const HEAP = '(global (export "__heap_base") i32 (i32.const 0x900000))';

/** A driver of these imports and this code. */
export function driverOf(imports: string, code: string, options: Partial<WasmOptions> = {}): WasmModule {
  return new WasmModule(bytesOf(`${imports} ${MEMORY} ${HEAP} ${code}`), { name: 'driver.wasm', ...options });
}

/** A machine for a 32-bit module: no more RAM than it needs. */
export const smallMachine = () => gceN1({ memory: { below4G: 16 << 20 } });
