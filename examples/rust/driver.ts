import { readFileSync } from 'node:fs';
import { WasmModule } from 'guestrig/hosts/wasm';

/** The UART driver: `uart.on(machine.port)` is it at work on a machine, `uart.model()` what `conformance` takes. */
export const uart = load('uart.wasm');

/** The NIC driver, likewise. */
export const nic = load('nic.wasm');

function load(name: string): WasmModule {
  return new WasmModule(readFileSync(new URL(name, import.meta.url)), { name });
}
