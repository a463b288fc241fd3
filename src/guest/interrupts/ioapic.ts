import { IOREDTBL_HIGH, IOREDTBL_LOW, IOREGSEL, IOWIN } from '../../chipset/registers/ioapic.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { MMIO } from '../../core/places.ts';
import type { LineController, Trigger } from './line-controller.ts';
import type { LocalApicDriver } from './local-apic.ts';

const { IO_APIC } = MMIO;
const BOOT_CPU = 0;

/**
 * The I/O APIC as a controller of the sixteen ISA lines: line n is pin n, including IRQ 0, and the PCI links are on
 * the pins of their IRQs, active high, as in GCE's MADT.
 */
export class IoApicDriver implements LineController {
  private readonly cpu: LocalApicDriver;
  private readonly base: number;

  /** Masks every pin. @param base vector of pin 0. */
  constructor(port: GuestPort, cpu: LocalApicDriver, base = 0x20) {
    this.cpu = cpu;
    this.base = base;
    for (let pin = 0; pin < 16; pin++) this.close(port, pin);
  }

  vectorOf(irq: number): number {
    return this.base + irq;
  }

  /** The upper half first: the lower one unmasks the pin. */
  open(port: GuestPort, irq: number, trigger: Trigger): void {
    write(port, IOREDTBL_HIGH.offset + 2 * irq, IOREDTBL_HIGH.encode({ DEST: BOOT_CPU }));
    write(
      port,
      IOREDTBL_LOW.offset + 2 * irq,
      IOREDTBL_LOW.encode({ VECTOR: this.vectorOf(irq), TRIGGER: trigger === 'level' ? 1 : 0 }),
    );
  }

  close(port: GuestPort, irq: number): void {
    write(port, IOREDTBL_LOW.offset + 2 * irq, IOREDTBL_LOW.encode({ VECTOR: this.vectorOf(irq), MASK: 1 }));
  }

  begin(_port: GuestPort, _irq: number): boolean {
    return true;
  }

  /** The local APIC forwards the EOI of a level interrupt, and the pin is checked again. */
  end(port: GuestPort, _irq: number): void {
    this.cpu.end(port);
  }

  intact(port: GuestPort): boolean {
    port.write(IO_APIC + IOREGSEL.offset, IOREDTBL_LOW.offset, 4);
    return IOREDTBL_LOW.decode(port.read(IO_APIC + IOWIN.offset, 4)).VECTOR === this.vectorOf(0);
  }
}

function write(port: GuestPort, index: number, value: number): void {
  port.write(IO_APIC + IOREGSEL.offset, index, 4);
  port.write(IO_APIC + IOWIN.offset, value, 4);
}
