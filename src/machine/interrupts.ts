import type { LineEvents } from '../chipset/events.ts';
import { IoApic } from '../chipset/ioapic.ts';
import { isMessageAddress, LocalApic } from '../chipset/local-apic.ts';
import { Pic8259Pair } from '../chipset/pic8259-pair.ts';
import { EOI } from '../chipset/registers/local-apic.ts';
import { OCW2 } from '../chipset/registers/pic.ts';
import type { MmioSpace, PortSpace } from '../core/address-space.ts';
import type { Gpa } from '../core/bits.ts';
import type { Board, MessageSink, ResetKind } from '../core/board.ts';
import { Line } from '../core/line.ts';
import type { GuestMemory } from '../core/memory.ts';
import { MMIO, PORT } from '../core/places.ts';
import type { InterruptSource } from './cpu.ts';
import { type Around, type Unheard, unheardAt } from './unheard.ts';

const ISA_LINES = 16;
/** Offsets of the first 32 bits in service, and requested, in the local APIC, and what 256 of them take. */
const [ISR, IRR, BANK] = [0x100, 0x200, 0x80];
const FROM_PIC = 0x1_0000;
const SLAVE_LINES = 0xff00;
/** Without the cascade. */
const MASTER_LINES = 0x00fb;
const TIMER = 0;
const NO_LINE = -1;
const NON_SPECIFIC_EOI = OCW2.encode({ EOI: 1 });

/**
 * Whether the 8259 pair gave the vector that `vectors`, master first, has for its line. @param taken the source of the
 * interrupt.
 */
export function isOfPair(vectors: readonly [number, number], vector: number, taken: number): boolean {
  if (taken < FROM_PIC) return false;
  const [master, slave] = vectors;
  return (vector & ~7) === ((taken & SLAVE_LINES) === 0 ? master : slave);
}

/** The interrupt controllers of a host that brings a CPU of its own. */
export interface HostInterrupts {
  /** The level of ISA line `irq`, 0 to 15; the IOAPIC's pin has the same number. */
  setInput(irq: number, level: boolean): void;
  /** A message to an address FEExxxxx. */
  message(address: Gpa, data: number): void;
}

/** The sixteen ISA lines and all that they drive, down to the CPU's input. */
export class Interrupts implements InterruptSource {
  readonly isa: readonly Line[] = Array.from({ length: ISA_LINES }, (_, irq) => new Line(`IRQ${irq}`));
  readonly pic: Pic8259Pair;
  readonly ioapic: IoApic;
  readonly apic: LocalApic;
  taken = 0;
  /** The watch that sees whether lines are served; null is no watch. */
  events: LineEvents | null = null;
  /** How often each line changed, and that count for the last line at the time it was taken. */
  private readonly changes = new Uint32Array(ISA_LINES);
  private lastIrq = -1;
  private lastChanges = 0;
  private host: HostInterrupts | null = null;
  readonly timerPin: number;
  /** Made once: it is requested at every interrupt. */
  private readonly acknowledge = () => this.acknowledgePic();

  /** @param timerPin the IOAPIC pin of IRQ 0; every other IRQ has the pin of its number. */
  constructor(
    board: Board,
    ports: PortSpace,
    mmio: MmioSpace,
    ioapic: { version: 0x11 | 0x20; timerPin: number },
  ) {
    this.timerPin = ioapic.timerPin;
    this.apic = new LocalApic('apic', board, { onEoi: (vector) => this.ioapic.eoi(vector) });
    this.pic = new Pic8259Pair('pic', (level) => this.apic.setLint0(level));
    this.ioapic = new IoApic('ioapic', board, { version: ioapic.version });
    ports.map(PORT.PIC_MASTER, this.pic.master, 'bridge');
    ports.map(PORT.PIC_SLAVE, this.pic.slave, 'bridge');
    ports.map(PORT.ELCR, this.pic.elcr, 'bridge');
    mmio.map(MMIO.IO_APIC, this.ioapic);
    mmio.map(MMIO.LOCAL_APIC, this.apic);
    this.isa.forEach((line, irq) => {
      const pin = irq === 0 ? ioapic.timerPin : irq;
      line.onChange = (level) => {
        this.changes[irq]!++;
        this.pic.setInput(irq, level);
        this.ioapic.setInput(pin, level);
      };
    });
  }

  /** From now on lines and messages go to `host`; the controllers here rest. */
  handTo(host: HostInterrupts): void {
    this.host = host;
    for (const [irq, line] of this.isa.entries()) {
      line.onChange = (level) => host.setInput(irq, level);
      if (line.level) host.setInput(irq, true);
    }
  }

  /** A message to an address FEExxxxx. */
  message(address: Gpa, data: number): void {
    (this.host ?? this.apic).message(address, data);
  }

  pending(): boolean {
    return this.apic.pending();
  }

  accept(): number {
    this.taken = -1;
    const vector = this.apic.accept(this.acknowledge);
    if (this.taken < 0) this.taken = vector;
    if (this.events !== null && this.taken > FROM_PIC) this.tellTaken(this.events, vector);
    return vector;
  }

  /** The slave's line counts, if both have one in service. */
  private tellTaken(events: LineEvents, vector: number): void {
    const irq = 31 - Math.clz32(this.taken & ~FROM_PIC);
    const changes = this.changes[irq]!;
    const again = irq === this.lastIrq && changes === this.lastChanges && this.isa[irq]!.level;
    this.lastIrq = irq;
    this.lastChanges = changes;
    events.taken(irq, vector, again);
  }

  waitsForEoi(taken: number): boolean {
    if (taken >= FROM_PIC) return (this.pic.inService() & taken & 0xffff) !== 0;
    return ((this.apic.read(ISR + (taken >> 5) * 16, 4) >>> (taken & 31)) & 1) !== 0;
  }

  canSkipEoi(taken: number): boolean {
    return taken < FROM_PIC && !this.ioapic.raises(taken) && this.isAlone(taken);
  }

  /** Nothing else is in service or requested: an EOI that comes late would keep it waiting. */
  private isAlone(taken: number): boolean {
    for (let at = 0; at < BANK; at += 16) {
      const own = at === (taken >> 5) * 16 ? 1 << (taken & 31) : 0;
      if ((this.apic.read(ISR + at, 4) ^ own) !== 0 || this.apic.read(IRR + at, 4) !== 0) return false;
    }
    return true;
  }

  endSkipped(): void {
    this.apic.write(EOI.offset, 0, 4);
  }

  edgeOf(taken: number): number {
    if (taken < FROM_PIC) return NO_LINE;
    const served = taken & (SLAVE_LINES | MASTER_LINES);
    const irq = served === 0 ? NO_LINE : 31 - Math.clz32(served);
    // OUT of the timer falls by itself.
    return irq > TIMER && this.pic.isEdge(irq) ? irq : NO_LINE;
  }

  isSpent(irq: number): boolean {
    return this.pic.isSpent(irq);
  }

  /** The slave first, if it was one of its lines. */
  endAsFirmware(): void {
    if ((this.taken & SLAVE_LINES) !== 0) this.pic.slave.write(OCW2.offset, NON_SPECIFIC_EOI);
    this.pic.master.write(OCW2.offset, NON_SPECIFIC_EOI);
  }

  /** Whether a local APIC has the logical `destination`, or may have. @param others there are processors that do not run here. */
  hasLogical(destination: number, others: boolean): boolean {
    const { apic } = this;
    return this.host !== null || apic.hasLogical(destination) || (others && apic.isNamed);
  }

  /** What keeps the line of a PCI interrupt from the processor, in words; null for nothing. @param irq null: routed to none. */
  heldBack(irq: number | null): string | null {
    if (this.host !== null) return null;
    if (irq === null) return 'PIRQRC leads its interrupt pin to no IRQ';
    if (!this.isa[irq]!.level || this.ioapic.isOpen(irq)) return null;
    const wire = this.apic.isVirtualWire ? null : 'LINT0 of the local APIC';
    const at = this.pic.maskedAt(irq) ?? wire;
    return at && `IRQ ${irq} is up, and masked at ${at} and at pin ${irq} of the IOAPIC`;
  }

  /** Whether ISA line `irq`, other than the timer's, is up and masked at every controller. */
  isMasked(irq: number): boolean {
    return this.isa[irq]!.level && this.pic.maskedAt(irq) !== null && !this.ioapic.isOpen(irq);
  }

  /** What keeps back an interrupt for which the guest has a handler that was never called. */
  unheard(handles: (vector: number) => boolean, around: Around): Unheard | null {
    return this.host === null ? unheardAt(this, handles, around) : null;
  }

  reset(kind: ResetKind): void {
    this.events?.reset();
    this.pic.reset(kind);
    this.ioapic.reset(kind);
    this.apic.reset(kind);
  }

  /** Takes the local APIC's timer off the clock. */
  close(): void {
    this.apic.close();
  }

  private acknowledgePic(): number {
    const before = this.pic.inService();
    const vector = this.pic.acknowledge();
    this.taken = FROM_PIC | (this.pic.inService() & ~before);
    return vector;
  }
}

/** Messages from the bus: to the local APIC, or, outside its window, into RAM, as any write of a bus master. */
export class BusMessages implements MessageSink {
  /** Those that take messages; null where there are none. */
  interrupts: Interrupts | null = null;
  private readonly ram: GuestMemory;
  private readonly bytes = new Uint8Array(4);
  private readonly view = new DataView(this.bytes.buffer);

  constructor(ram: GuestMemory) {
    this.ram = ram;
  }

  deliver(_from: unknown, address: Gpa, data: number): void {
    if (this.interrupts !== null && isMessageAddress(address)) {
      this.interrupts.message(address, data);
      return;
    }
    this.view.setUint32(0, data, true);
    this.ram.write(address, this.bytes);
  }
}
