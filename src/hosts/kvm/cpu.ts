import { TPR } from '../../chipset/registers/local-apic.ts';
import type { Mark } from '../../core/access.ts';
import type { Nanos, Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Machine } from '../../machine/machine.ts';
import { crashOf, type KvmCrash, type KvmWhere, whereIs } from './crash.ts';
import { EXIT } from './registers.ts';
import type { RunPage } from './run-page.ts';
import type { Vcpu } from './vcpu.ts';

/** Performs a processor's accesses to ports and to memory that is not RAM. */
export class Bus {
  private readonly page: RunPage;
  private readonly port: GuestPort;

  constructor(page: RunPage, port: GuestPort) {
    this.page = page;
    this.port = port;
  }

  /** One access, or as many as `rep` makes. */
  io(): void {
    const { page, port } = this;
    const { ioPort, ioCount, ioWrite } = page;
    const width = page.ioSize as Width;
    let at = page.ioData;
    for (let i = 0; i < ioCount; i++, at += width)
      if (ioWrite) port.out(ioPort, this.get(at, width), width);
      else this.set(at, port.in(ioPort, width), width);
  }

  /** In pieces, low ones first, where it is wider than a doubleword, or no power of two. */
  mmio(): void {
    const { page, port } = this;
    const { address, mmioLength, mmioWrite, mmioData } = page;
    for (let done = 0; done < mmioLength; ) {
      const width = pieceOf(mmioLength - done);
      if (mmioWrite) port.write(address + done, this.get(mmioData + done, width), width);
      else this.set(mmioData + done, port.read(address + done, width), width);
      done += width;
    }
  }

  private get(at: number, width: Width): number {
    const { view } = this.page;
    if (width === 1) return view.getUint8(at);
    return width === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
  }

  private set(at: number, value: number, width: Width): void {
    const { view } = this.page;
    if (width === 1) view.setUint8(at, value);
    else if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
}

/** KVM has at most eight bytes at a time, and an odd number of them if they cross a page. */
function pieceOf(length: number): Width {
  if (length % 4 === 0) return 4;
  return length === 2 ? 2 : 1;
}

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

/** Advances the machine's clock by the host's, and says the host's time in milliseconds. */
interface HostTime {
  catchUp(): number;
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
    let now = this.time.catchUp();
    for (const end = now + SLICE; now < end; now = this.time.catchUp()) {
      this.machine.chassis.port.memory.behind?.goesOn();
      if (!this.wakes()) return this.idle;
      this.execute(now, end);
      if (this.ended !== null) return 0;
    }
    return 0;
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

  /** @param now the host's time. @param end the time at which to return. */
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
