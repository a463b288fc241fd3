import { MmioSpace, PortSpace } from '../../core/address-space.ts';
import type { Gpa, Nanos, Width } from '../../core/bits.ts';
import { Clock } from '../../core/clock.ts';
import type { Wire } from '../../core/line.ts';
import { GuestMemory } from '../../core/memory.ts';
import { Random } from '../../core/random.ts';
import { Cpu } from '../../machine/cpu.ts';
import { BusMessages, Interrupts } from '../../machine/interrupts.ts';

const PAGE = 4096;
const ANY = 1;

/**
 * Takes interrupts in place of QEMU's CPU, which is halted with interrupts off: our own CPU and interrupt controllers.
 * Lines come from the wire, messages from slots in RAM. A driver reaches these controllers at the addresses of QEMU's.
 */
export class StandInCpu {
  readonly cpu: Cpu;
  readonly ports = new PortSpace();
  readonly mmio = new MmioSpace();
  readonly clock = new Clock();
  private readonly interrupts: Interrupts;
  private readonly wires: readonly Wire[];

  constructor() {
    const memory = GuestMemory.of(PAGE);
    const messages = new BusMessages(memory);
    const board = { memory, clock: this.clock, messages, random: new Random(ANY) };
    const ioapic = { version: 0x20, timerPin: 2 } as const;
    this.interrupts = messages.interrupts = new Interrupts(board, this.ports, this.mmio, ioapic);
    this.wires = this.interrupts.isa.map((line) => line.source('qemu'));
    this.cpu = new Cpu(this.interrupts, this.clock, 0);
  }

  /** A line of QEMU's changed; some lead to no ISA line. */
  line(irq: number, level: boolean): void {
    this.wires[irq]?.set(level);
  }

  message(address: Gpa, data: number): void {
    this.interrupts.message(address, data);
  }

  hasPort(port: number, width: Width): boolean {
    return this.ports.within(port, width) !== null;
  }

  hasMemory(address: Gpa, width: Width): boolean {
    return this.mmio.within(address, width) !== null;
  }

  catchUp(now: Nanos): void {
    this.clock.advance(Math.max(0, now - this.clock.now));
  }

  close(): void {
    this.interrupts.close();
  }
}
