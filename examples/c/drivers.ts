// SPDX-License-Identifier: MIT-0
import { readFileSync } from 'node:fs';
import { WasmModule } from 'guestrig/hosts/wasm';

function load(name: string): WasmModule {
  return new WasmModule(readFileSync(new URL(name, import.meta.url)), { name });
}

/** The UART driver: `uart.on(machine.port)` runs it on a machine. */
export const uart = load('uart.wasm');

/** The NIC driver: `nic.driver()` is for `attach`, `nic.model()` for `conformance`. */
export const nic = load('nic.wasm');
