import { TPR } from '../../chipset/registers/local-apic.ts';
import type { Mark } from '../../core/access.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Machine } from '../../machine/machine.ts';
import { Bus } from './bus.ts';
import { crashOf, type KvmCrash } from './crash.ts';
import { EXIT } from './registers.ts';
import type { Vcpu } from './vcpu.ts';
import { type KvmWhere, whereIs } from './where.ts';

/** SUS_TYP of S5 (82371AB, PMCNTRL). */
const SOFT_OFF = 0;
/** The time in milliseconds for which the guest executes and the process does nothing else. */
const SLICE = 2;
/** The longest idle step: a user may type meanwhile. */
const IDLE_MOST: Nanos = 10_000_000;
const MILLISECOND: Nanos = 1_000_000;
/** How many accesses a crash report has. */
const LAST_ACCESSES = 8;
/** TPR as CR8 has it. */
const CR8_SHIFT = 4;

/** Advances the machine's clock: by the host's. */
interface HostTime {
  catchUp(): void;
}

/** KVM's processor on the buses, lines and time of one of our machines, whose interrupt controllers it has too. */
export class KvmCpu {
  ended: 'off' | 'reset' | 'crash' | 'halted' | null = null;
  crash: KvmCrash | null = null;
  /** It is halted. */
  private halted = false;
  private readonly machine: Machine;
  private readonly vcpu: Vcpu;
  private readonly time: HostTime;
  private readonly bus: Bus;
  /** The last access that was made before there was a processor. */
  private readonly begun: Mark;
  private readonly onSleep = (type: number) => {
    if (type === SOFT_OFF) this.ended ??= 'off';
  };
  private readonly onReset = () => {
    this.ended ??= 'reset';
  };

  constructor(machine: Machine, vcpu: Vcpu, time: HostTime) {
    this.machine = machine;
    this.vcpu = vcpu;
    this.time = time;
    this.bus = new Bus(vcpu.page, machine.port);
    this.begun = machine.journal.mark;
    machine.events.on('sleep', this.onSleep).on('reset', this.onReset);
  }

  /** Executes for some two milliseconds. @returns how long there is nothing to do afterwards. */
  slice(): Nanos {
    const end = performance.now() + SLICE;
    for (;;) {
      this.time.catchUp();
      this.machine.chassis.port.memory.behind?.goesOn();
      const now = performance.now();
      if (now >= end) return 0;
      if (!this.wakes()) return this.idle;
      this.execute(now, end);
      if (this.ended !== null) return 0;
    }
  }

  get where(): KvmWhere {
    return whereIs(this.vcpu.registers(), this.halted);
  }

  close(): void {
    this.machine.events.off('sleep', this.onSleep).off('reset', this.onReset);
    this.vcpu.close();
  }

  /** For how long nothing is due. */
  private get idle(): Nanos {
    const { clock } = this.machine.chassis.board;
    return Math.min(Math.max(1, clock.next - clock.now), IDLE_MOST);
  }

  private wakes(): boolean {
    return !this.halted || this.machine.chassis.interrupts.pending();
  }

  /** @param now the time, as `performance.now()` has it. @param end the time at which to return. */
  private execute(now: number, end: number): void {
    const { vcpu } = this;
    const { apic } = this.machine.chassis.interrupts;
    const { clock } = this.machine.chassis.board;
    this.giveInterrupt();
    vcpu.within(now, Math.min(end - now, Math.max(0, clock.next - clock.now) / MILLISECOND));
    const cr8 = apic.read(TPR.offset, 4) >> CR8_SHIFT;
    vcpu.page.cr8 = cr8;
    const exit = vcpu.run();
    if (vcpu.page.cr8 !== cr8) apic.write(TPR.offset, vcpu.page.cr8 << CR8_SHIFT, 4);
    if (exit === null) return;
    this.time.catchUp();
    this.answer(exit);
  }

  /** The processor takes one now, if it can; it says when it can take the next. */
  private giveInterrupt(): void {
    const { page } = this.vcpu;
    const { interrupts, cpu } = this.machine.chassis;
    if (interrupts.pending() && page.ready) {
      const vector = interrupts.accept();
      this.vcpu.interrupt(vector);
      this.halted = false;
      cpu.onInterrupt?.(vector);
    }
    page.wantsWindow = interrupts.pending();
  }

  private answer(exit: number): void {
    switch (exit) {
      case EXIT.io:
        this.bus.io();
        break;
      case EXIT.mmio:
        this.bus.mmio();
        break;
      case EXIT.hlt:
        this.halted = true;
        // Only a reset wakes it.
        if (!this.vcpu.page.interrupts) this.ended = 'halted';
        break;
      case EXIT.irqWindow:
      case EXIT.setTpr:
        break;
      default:
        this.fail(exit);
    }
  }

  private fail(exit: number): void {
    const { trail, mark } = this.machine.journal;
    const accesses = trail.newest(Math.min(LAST_ACCESSES, mark - this.begun));
    this.crash = crashOf(this.unable(exit), this.vcpu.registers(), accesses);
    this.ended = 'crash';
  }

  private unable(exit: number): string | null {
    const { page } = this.vcpu;
    if (exit === EXIT.shutdown) return null;
    if (exit < 0) return `KVM_RUN failed with errno ${-exit}`;
    if (exit === EXIT.internalError) return page.internalError;
    return exit === EXIT.failEntry
      ? `the processor cannot be entered (${page.entryFailure})`
      : `exit ${exit}`;
  }
}
