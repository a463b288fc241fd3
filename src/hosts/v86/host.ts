import { checkObject } from '../../core/checks.ts';
import type { Clock } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import { type FirmwareBoot, type LinuxBoot, prepare } from '../boot/boot.ts';
import type { GuestCrash } from './crash.ts';
import { GuestCpu } from './guest-cpu.ts';
import { startV86 } from './load.ts';
import { checkMemory } from './memory.ts';
import type { GuestWhere } from './processor-state.ts';
import { type RunOptions, runCpus } from './run.ts';
import type { RunEnd } from './sliced-cpu.ts';
import { type GuestTime, HostTime, VirtualTime } from './time.ts';

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
    const emulator = await startV86(checkMemory(memory), new Random(machine.seed), time, (words) => {
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
