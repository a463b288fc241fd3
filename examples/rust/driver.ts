// SPDX-License-Identifier: MIT-0
import { readFileSync } from 'node:fs';
import { WasmModule } from 'guestrig/hosts/wasm';

/** The UART driver: `uart.on(machine.port)` runs it on a machine, `uart.model()` is for `conformance`. */
export const uart = load('uart.wasm');

/** The NIC driver: the same. */
export const nic = load('nic.wasm');

function load(name: string): WasmModule {
  return new WasmModule(readFileSync(new URL(name, import.meta.url)), { name });
}
