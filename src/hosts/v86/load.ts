import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MisuseError } from '../../core/misuse.ts';
import type { Random } from '../../core/random.ts';
import type { V86Emulator, V86Environment, V86Options, WebAssemblyApi } from './emulator.ts';
import { patchProcessor } from './processor.ts';
import { withRealModeTable } from './real-mode.ts';
import type { GuestTime } from './time.ts';

declare const WebAssembly: WebAssemblyApi;

/** v86 requires video memory; it is never shown, so it is small. */
const VGA_MEMORY = 1 << 20;

interface V86Library {
  readonly V86: new (options: V86Options) => V86Emulator;
  readonly program: object;
}

let library: Promise<V86Library> | null = null;

/**
 * A v86 with few devices, its CPU not yet started. The processor uses the guest's time from its start, and its
 * random numbers come from `random`. The remaining devices, mainly VGA, never read a clock.
 *
 * @param says gets v86's message before it stops permanently.
 */
export async function startV86(
  ram: number,
  random: Random,
  time: GuestTime,
  says: (words: string) => void,
): Promise<V86Emulator> {
  const { V86, program } = await (library ??= load());
  const wasm_fn = async ({ env }: { env: V86Environment }) => {
    env.microtick = () => time.milliseconds();
    env.get_rand_int = () => random.next() | 0;
    env.console_log_from_wasm = (at, length) =>
      says(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, length)));
    const { exports } = await WebAssembly.instantiate(program, { env });
    return exports;
  };
  const emulator = new V86({
    wasm_fn,
    memory_size: ram,
    vga_memory_size: VGA_MEMORY,
    autostart: false,
    acpi: true,
    net_device: { type: 'none' },
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
  });
  await new Promise<void>((loaded) => emulator.add_listener('emulator-loaded', loaded));
  return emulator;
}

async function load(): Promise<V86Library> {
  try {
    const { V86 } = (await import('v86')) as unknown as Pick<V86Library, 'V86'>;
    const path = createRequire(import.meta.url).resolve('v86/build/v86.wasm');
    return { V86, program: await WebAssembly.compile(withRealModeTable(patchProcessor(readFileSync(path)))) };
  } catch (error) {
    library = null;
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MisuseError('v86', 'not installed', 'the package v86, an optional peer', 'npm install v86');
  }
}
