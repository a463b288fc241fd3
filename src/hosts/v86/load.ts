import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MisuseError } from '../../core/misuse.ts';
import type { Random } from '../../core/random.ts';
import type { V86Emulator, V86Environment, V86Options, WebAssemblyApi } from './emulator.ts';
import { patchProcessor } from './processor.ts';

declare const WebAssembly: WebAssemblyApi;

/** The little video memory that v86 insists on; nobody looks at it. */
const VGA_MEMORY = 1 << 20;

/** Who tells the time while a guest runs. */
let teller: (() => number) | null = null;
let library: Promise<V86Library> | null = null;

interface V86Library {
  readonly V86: new (options: V86Options) => V86Emulator;
  readonly program: object;
}

/**
 * Runs `body` with v86's clocks told by `milliseconds`: the guest's time, and 1970 plus that for the date.
 */
export function withTime<T>(milliseconds: () => number, body: () => T): T {
  const outer = teller;
  const date = Date.now;
  teller = milliseconds;
  Date.now = () => Math.floor(milliseconds());
  try {
    return body();
  } finally {
    Date.now = date;
    teller = outer;
  }
}

/** A v86 without any device to speak of, its CPU not yet started. */
export async function startV86(ram: number, random: Random): Promise<V86Emulator> {
  const { V86, program } = await (library ??= load());
  const wasm_fn = async ({ env }: { env: V86Environment }) => {
    checkClock(env);
    env.get_rand_int = () => random.next() | 0;
    env.console_log_from_wasm = () => {};
    const { exports } = await WebAssembly.instantiate(program, { env });
    return exports;
  };
  const emulator = new V86({
    wasm_fn,
    memory_size: ram,
    vga_memory_size: VGA_MEMORY,
    autostart: false,
    acpi: true,
    disable_jit: true,
    net_device: { type: 'none' },
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
  });
  await new Promise<void>((loaded) => emulator.add_listener('emulator-loaded', loaded));
  return emulator;
}

/** It binds `performance.now` when it is loaded; ours asks the teller of the time, if there is one. */
async function load(): Promise<V86Library> {
  const own = performance.now;
  performance.now = () => (teller === null ? own.call(performance) : teller());
  try {
    const { V86 } = (await import('v86')) as unknown as Pick<V86Library, 'V86'>;
    const path = createRequire(import.meta.url).resolve('v86/build/v86.wasm');
    return { V86, program: await WebAssembly.compile(patchProcessor(readFileSync(path))) };
  } catch (error) {
    library = null;
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MisuseError('v86', 'not installed', 'the package v86, an optional peer', 'npm install v86');
  } finally {
    performance.now = own;
  }
}

function checkClock(env: V86Environment): void {
  const told = withTime(
    () => -1,
    () => env.microtick(),
  );
  if (told !== -1)
    throw new MisuseError(
      'v86',
      'loaded',
      'to be loaded by this host first, so that its time is the guest’s',
    );
}
