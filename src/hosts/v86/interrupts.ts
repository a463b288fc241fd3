import { MSI_DATA } from '../../chipset/registers/message.ts';
import type { Gpa } from '../../core/bits.ts';
import type { HostInterrupts, Interrupts } from '../../machine/interrupts.ts';
import type { V86Cpu } from './emulator.ts';
import type { SharedMemory } from './memory.ts';

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
export class V86Interrupts implements HostInterrupts {
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
