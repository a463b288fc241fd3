import { MSI_DATA } from '../../chipset/registers/local-apic.ts';
import type { AccessRecord, Mark } from '../../core/access.ts';
import type { Gpa, Nanos } from '../../core/bits.ts';
import type { Clock } from '../../core/clock.ts';
import type { HostInterrupts, Interrupts } from '../../machine/interrupts.ts';
import type { Machine } from '../../machine/machine.ts';
import { forwardMemory, forwardPorts } from './bus.ts';
import { type CrashCause, crashCause, type GuestCrash } from './crash.ts';
import { PLACE, type V86Cpu, type V86Emulator, type WebAssemblyApi } from './emulator.ts';
import { Hypervisor } from './hypervisor.ts';
import { SharedMemory } from './memory.ts';
import { type GuestWhere, registersOf, whereIs } from './processor-state.ts';
import type { SlicedCpu } from './run.ts';
import type { GuestTime } from './time.ts';
import { WordReads } from './word-access.ts';

/** SUS_TYP of S5 (82371AB, PMCNTRL). */
const SOFT_OFF = 0;
const MILLISECOND: Nanos = 1_000_000;
/** The longest idle step, as in v86 itself. */
const IDLE_MOST: Nanos = 10 * MILLISECOND;
/** What v86's timers say, in milliseconds, when they are not set. */
const NOTHING_DUE = 100;
/** The limit of the table of handlers from reset (Intel SDM 3A, 9.1.1), which v86 leaves at 0. */
const IDT_LIMIT = 0xffff;
/** How many accesses a crash report has. */
const LAST_ACCESSES = 8;

const { VECTOR } = MSI_DATA.mask;
/** Of the local APIC as v86 keeps it: 256 bits each. */
const IRR = 16 * 4;
const TMR = 32 * 4;
const APIC_SIZE = 46 * 4;
/** The lowest vector an APIC takes. */
const LOWEST_VECTOR = 0x10;
/** Of an 8259A as v86 keeps it. Its mask has ones where interrupts pass. */
const PIC = { mask: 0, vectors: 1, elcr: 10, size: 13 } as const;

/** v86's 8259 pair, IOAPIC and local APIC, behind our lines and messages. Wired-OR is the line's. */
class V86Interrupts implements HostInterrupts {
  private readonly cpu: V86Cpu;
  private readonly shared: SharedMemory;
  private readonly apic: number;

  constructor(cpu: V86Cpu, shared: SharedMemory) {
    this.cpu = cpu;
    this.shared = shared;
    this.apic = cpu.get_apic_addr();
  }

  setInput(irq: number, level: boolean): void {
    if (level) this.cpu.device_raise_irq(irq);
    else this.cpu.device_lower_irq(irq);
  }

  /** Requests the vector as an edge would. There is one CPU, so every destination is this one. */
  message(_address: Gpa, data: number): void {
    const vector = data & VECTOR;
    if (vector < LOWEST_VECTOR) return;
    const state = this.shared.own(this.apic, APIC_SIZE);
    const bit = 1 << (vector & 7);
    state[IRR + (vector >> 3)]! |= bit;
    state[TMR + (vector >> 3)]! &= ~bit;
    this.cpu.handle_irqs();
  }

  /** Masks, vectors and trigger modes as the firmware left them in our pair. */
  takeOver({ pic }: Interrupts): void {
    for (const [index, chip] of [pic.master, pic.slave].entries()) {
      const at = index === 0 ? this.cpu.get_pic_addr_master() : this.cpu.get_pic_addr_slave();
      const state = this.shared.own(at, PIC.size);
      state[PIC.mask] = ~chip.read(1);
      state[PIC.vectors] = chip.vector(0);
      state[PIC.elcr] = pic.elcr.read(index, 1);
    }
  }
}

/** v86's CPU on the buses, lines and time of one of our machines. */
export class GuestCpu implements SlicedCpu {
  readonly clock: Clock;
  ended: 'off' | 'reset' | 'crash' | null = null;
  crash: GuestCrash | null = null;
  private readonly machine: Machine;
  private readonly emulator: V86Emulator;
  private readonly cpu: V86Cpu;
  private readonly compiler: Compiler;
  private readonly shared: SharedMemory;
  private readonly time: GuestTime;
  private readonly said: () => string;
  /** The last access that was made before there was a CPU. */
  private readonly begun: Mark;
  private readonly onSleep = (type: number) => {
    if (type === SOFT_OFF) this.end('off');
  };
  private readonly onReset = () => this.end('reset');

  /** @param said returns v86's last message. */
  constructor(machine: Machine, emulator: V86Emulator, time: GuestTime, said: () => string) {
    const { board, interrupts } = machine.chassis;
    const { cpu } = emulator.v86;
    this.machine = machine;
    this.clock = board.clock;
    this.emulator = emulator;
    this.cpu = cpu;
    this.shared = new SharedMemory(cpu, board.memory);
    this.shared.setWord(PLACE.idtr_limit, IDT_LIMIT);
    this.time = time;
    this.said = said;
    this.begun = machine.journal.mark;
    time.follow(() => this.shared.instructions);
    const before = () => this.update();
    forwardPorts(cpu, machine.port, before);
    const words = new WordReads(cpu, this.shared);
    this.compiler = new Compiler(cpu, words);
    forwardMemory(cpu, machine.port, board.memory.size, { before, words, shared: this.shared });
    new Hypervisor(machine.chassis.kvm, this.shared, () => this.updateWithin()).attach(cpu);
    const controllers = new V86Interrupts(cpu, this.shared);
    controllers.takeOver(interrupts);
    interrupts.handTo(controllers);
    this.joinTimers();
    machine.events.on('sleep', this.onSleep).on('reset', this.onReset);
  }

  get where(): GuestWhere {
    return whereIs(this.shared, this.crash === null ? 'instruction_pointer' : 'previous_ip');
  }

  get halted(): boolean {
    return this.shared.halted;
  }

  get haltedForGood(): boolean {
    return this.shared.haltedForGood;
  }

  get instructions(): number {
    return this.shared.instructions;
  }

  slice(busy: number): Nanos {
    this.time.share(busy);
    this.machine.chassis.port.memory.behind?.goesOn();
    const idle = this.execute();
    this.update();
    if (this.ended !== null || !this.shared.halted || idle <= 0) return 0;
    return Math.min(Math.ceil(idle * MILLISECOND), IDLE_MOST);
  }

  idle(time: Nanos): void | Promise<void> {
    return this.time.idle(time);
  }

  /** Gives v86's memory back. */
  async close(): Promise<void> {
    this.machine.events.off('sleep', this.onSleep).off('reset', this.onReset);
    await this.emulator.destroy();
  }

  private execute(): number {
    this.compiler.compile();
    try {
      return this.cpu.main_loop();
    } catch (error) {
      const cause = crashCause(error, this.said());
      if (cause === null) throw error;
      this.crash = this.wreck(cause);
      this.ended = 'crash';
      return 0;
    }
  }

  private wreck(cause: CrashCause): GuestCrash {
    const { trail, mark } = this.machine.journal;
    const accesses: AccessRecord[] = trail.newest(Math.min(LAST_ACCESSES, mark - this.begun));
    const registers = registersOf(this.shared, this.cpu.get_eflags() >>> 0);
    return { ...cause, ...whereIs(this.shared, 'previous_ip'), ...registers, accesses };
  }

  private end(how: 'off' | 'reset'): void {
    this.ended ??= how;
    this.shared.stop();
  }

  /** v86 asks for the time to its next timer. Its own local APIC's timer counts, and ours. */
  private joinTimers(): void {
    const { cpu, clock } = this;
    const own = cpu.run_hardware_timers;
    // The timers of its own devices would drive our lines: IRQ 0, 8 and 9.
    const { acpi, pit, rtc } = cpu.devices;
    acpi.timer = pit.timer = rtc.timer = () => NOTHING_DUE;
    cpu.run_hardware_timers = (withApic, now) => {
      this.catchUp();
      return Math.min(own.call(cpu, withApic, now), Math.max(0, clock.next - clock.now) / MILLISECOND);
    };
  }

  /** Brings RAM and time up to date: v86's memory may have grown in the middle of a slice, and timers that fire use it. */
  private update(): void {
    this.shared.follow();
    this.time.catchUp();
  }

  /** The same in the middle of an instruction behind which compiled code may go on. */
  private updateWithin(): void {
    const wereOn = this.shared.holdInterrupts();
    try {
      this.update();
    } finally {
      this.shared.takeInterrupts(wereOn);
    }
  }

  /** Brings the machine's time up to date, and resumes the guest. */
  private catchUp(): void {
    this.update();
    this.machine.chassis.port.memory.behind?.goesOn();
  }
}

declare const WebAssembly: WebAssemblyApi;

/** The end of v86's own functions in its function table, where those that it compiles begin. */
const FIRST = 1024;

/** By what compiled code reads bytes and words that do not lie in RAM, and how wide it is. */
const NARROW_READS = {
  safe_read8_slow_jit: 1,
  safe_read16_slow_jit: 2,
  safe_read_write8_slow_jit: 1,
  safe_read_write16_slow_jit: 2,
} as const;

/** Pages of the guest's code, as v86 has translated them: a WebAssembly module with the function `f`. */
interface Translation {
  readonly index: number;
  readonly address: number;
  readonly flags: number;
  readonly code: Uint8Array;
}

/**
 * Compiles the code that v86 translates. v86 would go on meanwhile, and use the result when the host is done; here
 * that is between two slices, so that every run starts to use it at the same instruction.
 */
class Compiler {
  private readonly cpu: V86Cpu;
  private readonly imports: Record<string, unknown>;
  /** v86 translates no more before this one is in use. */
  private translation: Translation | null = null;

  constructor(cpu: V86Cpu, words: WordReads) {
    this.cpu = cpu;
    this.imports = Object.assign(Object.create(null), cpu.jit_imports);
    for (const [name, width] of Object.entries(NARROW_READS)) {
      const read = cpu.jit_imports[name] as (address: number, at: number) => number;
      this.imports[name] = (address: number, at: number) => {
        words.compiled = width;
        const found = read(address, at);
        words.compiled = 0;
        return found;
      };
    }
    cpu.codegen_finalize = (index, address, flags, at, length) => {
      const code = new Uint8Array(cpu.wasm_memory.buffer, at >>> 0, length >>> 0).slice();
      this.translation = { index, address, flags, code };
    };
  }

  /** Puts translated code into use. */
  compile(): void {
    if (this.translation === null) return;
    const { index, address, flags, code } = this.translation;
    this.translation = null;
    const { cpu } = this;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { e: this.imports });
    cpu.wm.wasm_table.set(FIRST + index, exports.f);
    cpu.codegen_finalize_finished(index, address, flags);
  }
}
