import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { checkList, checkObject } from '../../core/checks.ts';
import type { Clock } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import { type FirmwareBoot, type LinuxBoot, prepare } from '../boot/boot.ts';
import type { GuestCrash } from './crash.ts';
import {
  PLACE,
  type V86Emulator,
  type V86Environment,
  type V86Options,
  type WebAssemblyApi,
} from './emulator.ts';
import { GuestCpu } from './guest-cpu.ts';
import { withHypervisor } from './hypervisor.ts';
import { checkMemory } from './memory.ts';
import { patchProcessor } from './processor.ts';
import type { GuestWhere } from './processor-state.ts';
import { type RunEnd, type RunOptions, runCpus } from './run.ts';
import { type GuestTime, HostTime, VirtualTime } from './time.ts';
import { onlyPlace, replaceCode } from './wasm-code.ts';

const CPU = { wide: false, vga: true } as const;

/** How the machine runs. */
export interface HostOptions {
  /**
   * What advances the guest's time: what its CPU executes (`virtual`, the default), so that the same run takes the
   * same time and ends the same way; or the host's clock (`host`), and no two runs are the same.
   */
  readonly time?: 'virtual' | 'host';
}

/**
 * One of our machines with v86's CPU in it: 32 bits, one processor. v86 keeps CPU, 8259 pair, IOAPIC, local APIC
 * and VGA. Every other port and address is the machine's, and so is the time.
 *
 * @example
 * const machine = gceN1({ memory: { below4G: 256 << 20 } });
 * const host = await V86Host.create(machine, { kernel, initrd, append: 'console=ttyS0,115200' });
 * const end = await host.run({ until: () => machine.serial[0]!.text.includes('login:') });
 * machine.findings;                // what the guest's drivers did wrong
 * await host.close();
 */
export class V86Host {
  readonly machine: Machine;
  private readonly cpu: GuestCpu;

  /**
   * Gives `machine` a CPU, and loads Linux or a BIOS into its RAM.
   *
   * @throws MisuseError if v86 is not installed, for RAM that v86 cannot have, for a file that is not a 32-bit kernel
   * or not a BIOS image, for a BIOS on a machine that our firmware step has set up already, and for another `time`.
   */
  static async create(
    machine: Machine,
    boot: LinuxBoot | FirmwareBoot,
    options: HostOptions = {},
  ): Promise<V86Host> {
    checkObject('options', options);
    const load = prepare(machine, boot, CPU);
    const { memory, clock } = machine.chassis.board;
    const time = guestTime(options, clock);
    let said = '';
    const emulator = await startV86(checkMemory(memory), machine, time, (words) => {
      said = words;
    });
    const host = new V86Host(machine, new GuestCpu(machine, emulator, time, () => said));
    try {
      load();
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  private constructor(machine: Machine, cpu: GuestCpu) {
    this.machine = machine;
    const { port } = machine.chassis;
    // A kernel may poll and idle, and its stores are not seen.
    port.idles();
    port.memory.direct();
    this.cpu = cpu;
  }

  /** The guest's present position: cheap enough to read as often as `until` is called. */
  get where(): GuestWhere {
    return this.cpu.where;
  }

  /** The crash that ended the run. */
  get crash(): GuestCrash | null {
    return this.cpu.crash;
  }

  /**
   * Runs the guest. A run that ended with `until` or `limit` can be continued. If other hosts share its clock,
   * `runTogether` runs them all.
   *
   * @throws MisuseError for a limit below 0, or that is not a number, and for an `until` that cannot be called.
   */
  async run(options: RunOptions = {}): Promise<RunEnd> {
    const [end] = await runCpus([this.cpu], options);
    return end!;
  }

  /**
   * Runs hosts whose machines share a clock, as several computers run side by side: each is as fast as it would be
   * alone, and one that is idle waits for those that are not. It ends when all have, or by `options`.
   *
   * @internal `runTogether` is its public name.
   */
  static async runAll(hosts: readonly V86Host[], options: RunOptions): Promise<RunEnd[]> {
    return runCpus(
      hosts.map(({ cpu }) => cpu),
      options,
    );
  }

  /** Releases v86's memory. The machine stays, for you to close; another CPU may be put into it. */
  async close(): Promise<void> {
    await this.cpu.close();
  }

  /** The same at the end of a block: `await using host = …`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function guestTime({ time = 'virtual' }: HostOptions, clock: Clock): GuestTime {
  if (time === 'virtual') return new VirtualTime(clock);
  if (time === 'host') return new HostTime(clock);
  throw new MisuseError('time', time, '"virtual" or "host"');
}

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
 * random numbers come from the machine's seed. The remaining devices, mainly VGA, never read a clock.
 *
 * @param says gets v86's message before it stops permanently.
 */
async function startV86(
  ram: number,
  { seed, kvm }: Machine,
  time: GuestTime,
  says: (words: string) => void,
): Promise<V86Emulator> {
  const { V86, program } = await (library ??= load());
  const random = new Random(seed);
  const wasm_fn = async ({ env }: { env: V86Environment }) => {
    env.microtick = () => time.milliseconds();
    env.get_rand_int = () => random.next() | 0;
    env.console_log_from_wasm = (at, length) =>
      says(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, at, length)));
    const { exports } = await WebAssembly.instantiate(program, { env });
    new DataView(exports.memory.buffer).setFloat64(PLACE.tsc_rate, kvm.tscKHz, true);
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
    return {
      V86,
      program: await WebAssembly.compile(
        withHypervisor(withRealModeTable(patchProcessor(readFileSync(path)))),
      ),
    };
  } catch (error) {
    library = null;
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MisuseError('v86', 'not installed', 'the package v86, an optional peer', 'npm install v86');
  }
}

/**
 * Runs hosts whose machines share a clock, as computers run side by side: each is as fast as it would be alone, and one
 * that is idle waits for those that are not. The same run takes the same time. It ends when all have ended, or by
 * `options`; a host that has ended does nothing meanwhile.
 *
 * @example
 * const clock = new Clock();
 * const hub = new Hub();
 * const left = gceN1({ clock, nics: [{ backend: hub.port('left') }] });
 * const right = gceN1({ clock, nics: [{ backend: hub.port('right'), mac: '42:01:0a:80:00:03' }] });
 * const hosts = [await V86Host.create(left, linux), await V86Host.create(right, linux)];
 * await runTogether(hosts, { until: () => left.serial[0]!.text.includes('1 received') });      // ['until', 'until']
 *
 * @returns how each came to its end, in the order of `hosts`.
 * @throws MisuseError for no host, for one that is listed twice, for machines on several clocks, and as `run` does.
 */
export async function runTogether(hosts: readonly V86Host[], options: RunOptions = {}): Promise<RunEnd[]> {
  checkList('hosts', hosts);
  if (hosts.length === 0) throw new MisuseError('hosts', hosts, 'a list of at least one host');
  for (const [i, host] of hosts.entries()) {
    if (!(host instanceof V86Host)) throw new MisuseError(`hosts[${i}]`, host, 'a V86Host');
    if (hosts.indexOf(host) < i) throw new MisuseError(`hosts[${i}]`, 'a host', '', 'is listed twice');
    if (host.machine.chassis.board.clock !== hosts[0]!.machine.chassis.board.clock)
      throw new MisuseError(
        `hosts[${i}]`,
        'a host',
        '',
        "must share hosts[0]'s clock: pass the same clock to both gceN1() calls",
      );
  }
  return V86Host.runAll(hosts, options);
}
