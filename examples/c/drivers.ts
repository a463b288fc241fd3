import { readFileSync } from 'node:fs';
import { WasmModule } from 'guestrig/hosts/wasm';

function load(name: string): WasmModule {
  return new WasmModule(readFileSync(new URL(name, import.meta.url)), { name });
}

/** The UART driver: `uart.on(machine.port)` is it at work on a machine. */
export const uart = load('uart.wasm');

/** The NIC driver: `nic.driver()` is what `attach` takes, `nic.model()` what `conformance` takes. */
export const nic = load('nic.wasm');
