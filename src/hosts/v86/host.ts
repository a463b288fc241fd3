import type { Nanos } from '../../core/bits.ts';
import { type Clock, TIME_END } from '../../core/clock.ts';
import { MisuseError } from '../../core/misuse.ts';
import { Random } from '../../core/random.ts';
import type { Machine } from '../../machine/machine.ts';
import { type FirmwareBoot, type LinuxBoot, prepare } from './boot.ts';
import { forwardMemory, forwardPorts } from './bus.ts';
import type { V86Cpu, V86Emulator } from './emulator.ts';
import { HostTime } from './host-time.ts';
import { V86Interrupts } from './interrupts.ts';
import { startV86 } from './load.ts';
import { checkMemory, SharedMemory } from './memory.ts';
import { Pace } from './pace.ts';
import { type GuestTime, VirtualTime } from './time.ts';
import { WordReads } from './word-access.ts';

/** How the machine runs. */
export interface HostOptions {
  /**
   * What moves the guest's time on: what its CPU executes (`virtual`, the default), so that the same run takes the
   * same time and comes to the same end; or the host's clock (`host`), and no two runs are the same.
   */
  readonly time?: 'virtual' | 'host';
}

/** How far to run. */
export interface RunOptions {
  /** Asked about every millisecond of the guest's time: is it far enough? */
  readonly until?: () => boolean;
  /** The most virtual nanoseconds. Default: no limit. */
  readonly limit?: Nanos;
  /**
   * Keeps virtual time from running ahead of the host's, so that people can type. Default false: as fast as it
   * goes.
   */
  readonly paced?: boolean;
}

/**
 * Why a run ended: `off` and `reset` are the guest's doing, `crash` is a triple fault. `halted` is how a run without a
 * limit ends when the CPU halted with interrupts off, and nothing else is due in the machine.
 */
export type RunEnd = 'until' | 'limit' | 'off' | 'reset' | 'crash' | 'halted';

/** SUS_TYP of S5 (82371AB, PMCNTRL). */
const SOFT_OFF = 0;
const MILLISECOND: Nanos = 1_000_000;
/** The longest step over time in which nothing happens, as v86 itself makes it. */
const IDLE_MOST: Nanos = 10 * MILLISECOND;
/** What v86's timers say, in milliseconds, when they are not set. */
const NOTHING_DUE = 100;
/** After so many slices the process may do other work. */
const SLICES = 64;

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
  private readonly emulator: V86Emulator;
  private readonly cpu: V86Cpu;
  private readonly shared: SharedMemory;
  private readonly time: GuestTime;
  private readonly onSleep = (type: number) => {
    if (type === SOFT_OFF) this.end('off');
  };
  private readonly onReset = () => this.end('reset');
  private ended: 'off' | 'reset' | 'crash' | null = null;

  /**
   * Puts a CPU into `machine`, and Linux or a BIOS into its RAM.
   *
   * @throws MisuseError if v86 is not installed, for RAM that v86 cannot have, for what is no 32-bit kernel, for what
   *   is no BIOS image, for a BIOS on a machine that our firmware step has set up already, and for another `time`.
   */
  static async create(
    machine: Machine,
    boot: LinuxBoot | FirmwareBoot,
    options: HostOptions = {},
  ): Promise<V86Host> {
    const load = prepare(machine, boot);
    const { memory, clock } = machine.chassis.board;
    const time = guestTime(options, clock);
    const emulator = await startV86(checkMemory(memory), new Random(machine.seed), time);
    const host = new V86Host(machine, emulator, time);
    try {
      load();
    } catch (error) {
      await host.close();
      throw error;
    }
    return host;
  }

  private constructor(machine: Machine, emulator: V86Emulator, time: GuestTime) {
    this.machine = machine;
    this.emulator = emulator;
    const { cpu } = emulator.v86;
    this.cpu = cpu;
    const { board, interrupts } = machine.chassis;
    this.shared = new SharedMemory(cpu, board.memory);
    this.time = time;
    time.follow(() => this.shared.instructions);
    const before = () => time.catchUp();
    forwardPorts(cpu, machine.port, before);
    const words = new WordReads(cpu, this.shared);
    forwardMemory(cpu, machine.port, board.memory.size, { before, words });
    const controllers = new V86Interrupts(cpu, this.shared);
    controllers.takeOver(interrupts);
    interrupts.handTo(controllers);
    this.joinTimers();
    machine.events.on('sleep', this.onSleep).on('reset', this.onReset);
  }

  /**
   * Runs the guest. A run that ended with `until` or `limit` can be gone on with.
   *
   * @throws MisuseError for a limit below 0, or that is no number.
   */
  async run({ until, limit = Number.POSITIVE_INFINITY, paced = false }: RunOptions = {}): Promise<RunEnd> {
    if (!(limit >= 0)) throw new MisuseError('limit', limit, 'a number of virtual nanoseconds');
    const { machine } = this;
    const end = machine.now + Math.ceil(limit);
    const pace = paced ? new Pace(machine.now) : null;
    for (let slice = 1; this.ended === null; slice++) {
      if (until?.()) return 'until';
      if (machine.now >= end) return 'limit';
      if (end > TIME_END && this.isInVain()) return 'halted';
      const idle = this.step(end);
      if (idle > 0) await this.time.idle(idle);
      if (slice % SLICES === 0) await new Promise((resume) => setImmediate(resume));
      await pace?.wait(machine.now);
    }
    return this.ended;
  }

  /** Gives v86's memory back. The machine stays, and is yours to close; another CPU may be put into it. */
  async close(): Promise<void> {
    this.machine.events.off('sleep', this.onSleep).off('reset', this.onReset);
    await this.emulator.destroy();
  }

  /** The same at the end of a block: `await using host = …`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** No code will ever run, and no device do anything. */
  private isInVain(): boolean {
    return this.shared.haltedForGood && this.machine.chassis.board.clock.lastTick < TIME_END;
  }

  /** Runs one slice of the CPU's time. @returns how long there is nothing to do afterwards. */
  private step(end: Nanos): Nanos {
    const idle = this.execute();
    this.time.catchUp();
    if (this.ended !== null || !this.shared.halted || idle <= 0) return 0;
    return Math.min(Math.ceil(idle * MILLISECOND), IDLE_MOST, end - this.machine.now);
  }

  private execute(): number {
    try {
      return this.cpu.main_loop();
    } catch (error) {
      // A triple fault ends v86's WebAssembly; anything else is our mistake.
      if ((error as Error).name !== 'RuntimeError') throw error;
      this.ended = 'crash';
      return 0;
    }
  }

  private end(how: 'off' | 'reset'): void {
    this.ended ??= how;
    this.shared.stop();
  }

  /** v86 asks how long it is to its next timer. Its own local APIC's counts, and ours. */
  private joinTimers(): void {
    const { cpu, time } = this;
    const { clock } = this.machine.chassis.board;
    const own = cpu.run_hardware_timers;
    // Those of its own devices would drive lines that are ours: IRQ 0, 8 and 9.
    const { acpi, pit, rtc } = cpu.devices;
    acpi.timer = pit.timer = rtc.timer = () => NOTHING_DUE;
    cpu.run_hardware_timers = (withApic, now) => {
      time.catchUp();
      return Math.min(own.call(cpu, withApic, now), Math.max(0, clock.next - clock.now) / MILLISECOND);
    };
  }
}

function guestTime({ time = 'virtual' }: HostOptions, clock: Clock): GuestTime {
  if (time === 'virtual') return new VirtualTime(clock);
  if (time === 'host') return new HostTime(clock);
  throw new MisuseError('time', time, '"virtual" or "host"');
}
