import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DriverModel } from '../../src/conformance/index.ts';
import { WasmModule } from '../../src/hosts/wasm/index.ts';

/** The drivers of the examples, and variants with one mistake, compiled by clang and by rustc of Debian. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Of all files that a worker runs. */
export const work = mkdtempSync(join(tmpdir(), 'guestrig-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
/** Debian's, regardless of others. */
const RUSTC = 'RUSTC=/usr/bin/rustc';
export const COM1 = 0x3f8;

/** make's output for a driver of an example, with one place replaced. */
export function make(
  language: string,
  driver: string,
  [file, place, mistake]: readonly string[] = [],
): string {
  const folder = join(work, language);
  // What was compiled there by hand stays there.
  const filter = (path: string) => !path.endsWith('.wasm');
  cpSync(join(ROOT, 'examples', language), folder, { recursive: true, filter });
  if (file !== undefined) {
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(place!, mistake!));
  }
  const { stdout, stderr, status } = spawnSync('make', ['-B', `GUESTRIG=${ROOT}`, RUSTC, `${driver}.wasm`], {
    cwd: folder,
    encoding: 'utf8',
  });
  return status === 0 ? stderr : `${stdout}${stderr}`;
}

export const load = (language: string, driver: string) =>
  new WasmModule(readFileSync(join(work, language, `${driver}.wasm`)), { name: `${driver}.wasm` });

export function nicModel(driver = 'nic', language = 'c'): DriverModel {
  const nic = load(language, driver).driver(({ vendor, device }) => vendor === 0x1af4 && device === 0x1000);
  return {
    name: 'nic.c',
    drivers: [nic],
    run: (_port, [handle]) => (handle as Nic).call('send', new Uint8Array(60)),
  };
}

interface Nic {
  call(name: 'send', frame: Uint8Array): number;
}

export function uartModel(language: string): DriverModel {
  const module = load(language, 'uart');
  return {
    name: `uart of ${language}`,
    drivers: [],
    run: (port) => {
      const uart = module.on(port);
      uart.call('start', COM1);
      uart.call('print', COM1, new TextEncoder().encode('more bytes than there is room for'));
      uart.call('key', COM1);
    },
  };
}
