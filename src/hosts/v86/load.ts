import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MisuseError } from '../../core/misuse.ts';
import type { Random } from '../../core/random.ts';
import type { V86Emulator, V86Environment, V86Options, WebAssemblyApi } from './emulator.ts';
import { patchProcessor } from './processor.ts';

declare const WebAssembly: WebAssemblyApi;

/** The little video memory that v86 insists on; nobody looks at it. */
const VGA_MEMORY = 1 << 20;

/** Who tells the time: milliseconds since the guest's power came on. */
interface Teller {
  milliseconds(): number;
}

/** Who tells it to v86's JavaScript while a guest runs. */
let teller: Teller | null = null;
let library: Promise<V86Library> | null = null;

interface V86Library {
  readonly V86: new (options: V86Options) => V86Emulator;
  readonly program: object;
}

/** Runs `body` with v86's clocks told by `time`: for the date, that much after 1970 began. */
export function withTime<T>(time: Teller, body: () => T): T {
  const outer = teller;
  const date = Date.now;
  teller = time;
  Date.now = () => Math.floor(time.milliseconds());
  try {
    return body();
  } finally {
    Date.now = date;
    teller = outer;
  }
}

/** A v86 without any device to speak of, its CPU not yet started. It has the guest's time from its first moment. */
export async function startV86(ram: number, random: Random, time: Teller): Promise<V86Emulator> {
  const { V86, program } = await (library ??= load());
  const wasm_fn = async ({ env }: { env: V86Environment }) => {
    checkClock(env);
    env.microtick = () => time.milliseconds();
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
  performance.now = () => (teller === null ? own.call(performance) : teller.milliseconds());
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
  const told = withTime({ milliseconds: () => -1 }, () => env.microtick());
  if (told !== -1)
    throw new MisuseError(
      'v86',
      'loaded',
      'to be loaded by this host first, so that its time is the guest’s',
    );
}
