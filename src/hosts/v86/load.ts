import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MisuseError } from '../../core/misuse.ts';
import type { Random } from '../../core/random.ts';
import type { V86Emulator, V86Environment, V86Options, WebAssemblyApi } from './emulator.ts';
import { patchProcessor } from './processor.ts';
import type { GuestTime } from './time.ts';
import { onlyPlace, replaceCode } from './wasm-code.ts';

/** `i32.const 0; i32.load` of what LIDT loaded, at 564 and 568 of v86's memory. */
const LIMIT = [0x41, 0, 0x28, 2, 0xb4, 0x04];
const BASE = [0x41, 0, 0x28, 2, 0xb8, 0x04];
/** `local.get 0; i32.const 2; i32.shl`: where a vector's handler stands in the table. */
const ENTRY = [0x20, 0, 0x41, 2, 0x74];
/** `local.tee 0` */
const KEEP = [0x22, 0];
/** `call` of the function that reads 16 bits of memory. */
const READ_16 = [0x10, 0xa1, 0x8e, 0x80, 0x80, 0x00];
/** `local.set 3; local.get 0; i32.const 2`, then `i32.or` or `i32.add`: the handler's segment. */
const SEGMENT = [0x21, 3, 0x20, 0, 0x41, 2];
const OR = 0x72;
const ADD = 0x6a;
/** `i32.const 3; i32.or`, the limit, `i32.gt_u; if; unreachable; end` */
const BEYOND = [0x41, 3, OR, ...LIMIT, 0x4b, 0x04, 0x40, 0x00, 0x0b];

/**
 * v86's WebAssembly, whose real mode finds interrupt handlers where LIDT says (Intel SDM 3A, 20.1.4), and traps where
 * the table has none: a triple fault, unless the table has a handler for that. v86's own has them at 0, always.
 *
 * @throws MisuseError for another v86 than the one this host supports.
 */
function withRealModeTable(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = [...ENTRY, ...KEEP, ...READ_16, ...SEGMENT, OR, ...READ_16];
  const to = [...ENTRY, ...BEYOND, ...ENTRY, ...BASE, ADD, ...KEEP, ...READ_16, ...SEGMENT, ADD, ...READ_16];
  return replaceCode(wasm, onlyPlace(wasm, 'interrupts in real mode', from), from.length, to);
}

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
