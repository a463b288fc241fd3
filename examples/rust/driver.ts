import { readFileSync } from 'node:fs';
import { WasmModule } from 'guestrig/hosts/wasm';

/** The UART driver: `uart.on(machine.port)` is it at work on a machine, `uart.model()` what `conformance` takes. */
export const uart = new WasmModule(readFileSync(new URL('uart.wasm', import.meta.url)), {
  name: 'uart.wasm',
});
