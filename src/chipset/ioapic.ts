import type { Described, Region } from '../core/access.ts';
import { hex, type Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { registerBlock, registerText } from '../core/register-block.ts';
import type { IoApicEvents } from './events.ts';
import {
  IOAPICARB,
  IOAPICID,
  IOAPICVER,
  IOEOI,
  IOREDTBL_HIGH,
  IOREDTBL_LOW,
  IOREGSEL,
  IOWIN,
  indexedRegister,
} from './registers/ioapic.ts';
import { MESSAGE_BASE, MSI_ADDRESS, MSI_DATA } from './registers/local-apic.ts';

const { VECTOR, DELMOD, DESTMOD, RIRR, TRIGGER, MASK } = IOREDTBL_LOW.mask;
const { DELMOD: DELMOD_AT } = IOREDTBL_LOW.shift;
const { DEST: DEST_AT } = IOREDTBL_HIGH.shift;
const { DM, RH } = MSI_ADDRESS.mask;
const { ASSERT, TRIGGER: LEVEL } = MSI_DATA.mask;
/** Places of fields in a message's address and data. */
const { BASE: BASE_AT } = MSI_ADDRESS.shift;
const MESSAGE = { DEST: MSI_ADDRESS.shift.DEST, DELMOD: MSI_DATA.shift.DELMOD } as const;

const WINDOW = registerBlock([IOREGSEL, IOWIN, IOEOI]);
const PINS = 24;
/** The first version with an EOI register. */
const VERSION_WITH_EOI = 0x20;
const LOWEST_PRIORITY = 1;
/** An IOAPIC is not a PCI function; its messages use the last number of the bus. */
const REQUESTER = 0xffff;

/**
 * The IOAPIC: 24 inputs, each of which sends messages to a local APIC. An edge while its entry is masked is lost; a level
 * is sent once, and again if the input is still high at its EOI. The window takes aligned 32-bit accesses; narrower
 * reads return a part, narrower writes are lost.
 * Source: Intel 82093AA data sheet (290566). GCE shows version 11h, QEMU 20h.
 *
 * @example
 * const ioapic = new IoApic('ioapic', board);
 * memory.map(0xfec0_0000, ioapic);
 * line.onChange = (level) => ioapic.setInput(11, level);
 * const apic = new LocalApic('apic', board, { onEoi: (vector) => ioapic.eoi(vector) });
 */
export class IoApic implements Region {
  readonly name: string;
  readonly size = 0x1000;
  readonly widths = 4;
  /** The watcher of the guest; null for none. */
  events: IoApicEvents | null = null;
  private readonly board: Board;
  private readonly version: number;
  private readonly low = new Uint32Array(PINS);
  private readonly high = new Uint32Array(PINS);
  private readonly from = Array.from({ length: PINS }, (_, vector) => ({ bdf: REQUESTER, vector }));
  private pins = 0;
  private index = 0;
  private id = 0;
  private arbitration = 0;

  /** `version` is 11h (the default, as on GCE) or 20h, which adds the EOI register. */
  constructor(name: string, board: Board, options: { readonly version?: 0x11 | 0x20 } = {}) {
    this.name = name;
    this.board = board;
    this.version = options.version ?? 0x11;
    this.reset('power');
  }

  /** Sets the level of input `pin`, 0 to 23, as driven by its device. */
  setInput(pin: number, level: boolean): void {
    const bit = 1 << pin;
    const before = (this.pins & bit) !== 0;
    if (level === before) return;
    this.pins ^= bit;
    if (!level) return;
    if (this.isLevel(pin)) this.sendLevel(pin);
    else if ((this.low[pin]! & MASK) === 0) this.send(pin);
  }

  /** A local APIC ended a level interrupt. */
  eoi(vector: number): void {
    for (let pin = 0; pin < PINS; pin++) {
      const entry = this.low[pin]!;
      if ((entry & RIRR) === 0 || (entry & VECTOR) !== vector) continue;
      this.low[pin] = entry & ~RIRR;
      this.sendLevel(pin);
    }
  }

  /** Whether the entry of `pin` is not masked. */
  isOpen(pin: number): boolean {
    return (this.low[pin]! & MASK) === 0;
  }

  /** The lower half of the entry of `pin`. */
  entry(pin: number): number {
    return this.low[pin]!;
  }

  /** Whether an input that is open raises the vector: then its EOI is needed here. */
  raises(vector: number): boolean {
    return this.low.some((entry) => (entry & MASK) === 0 && (entry & VECTOR) === vector);
  }

  /** A soft reset affects only the CPU. The levels of the inputs belong to their owners and stay. */
  reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    this.low.fill(IOREDTBL_LOW.reset);
    this.high.fill(IOREDTBL_HIGH.reset);
    this.index = 0;
    this.id = 0;
    this.arbitration = 0;
  }

  read(offset: number, _width: Width): number {
    const at = offset & ~3;
    const value = at === IOREGSEL.offset ? this.index : at === IOWIN.offset ? this.readIndexed() : 0;
    return value >>> ((offset & 3) * 8);
  }

  write(offset: number, value: number, width: Width): void {
    if (offset === IOREGSEL.offset) this.index = IOREGSEL.write(0, value);
    else if (offset === IOWIN.offset && width === 4) this.writeIndexed(value);
    else if (offset === IOWIN.offset) this.events?.lost(width, this.index);
    else if (offset === IOEOI.offset && this.version >= VERSION_WITH_EOI) this.eoi(value & VECTOR);
  }

  context(): number {
    return this.index;
  }

  describe(access: Described): string {
    const { offset, context } = access;
    const direct = WINDOW.at(offset);
    if (direct === null) return `${this.name}+${hex(offset, 3)}`;
    if (direct !== IOWIN) return `${this.name} ${registerText(direct, access)}`;
    const register = indexedRegister(context, PINS);
    if (register === null) return `${this.name} index ${hex(context, 2)} ${registerText(IOWIN, access)}`;
    const entry = (context - IOREDTBL_LOW.offset) >> 1;
    return `${this.name}${entry < 0 ? '' : ` pin ${entry}`} ${registerText(register, access)}`;
  }

  private readIndexed(): number {
    const pin = (this.index - IOREDTBL_LOW.offset) >> 1;
    switch (indexedRegister(this.index, PINS)) {
      case IOAPICID:
        return this.id;
      case IOAPICVER:
        return IOAPICVER.encode({ VERSION: this.version, MRE: PINS - 1 });
      case IOAPICARB:
        return this.arbitration;
      case IOREDTBL_LOW:
        return this.low[pin]!;
      case IOREDTBL_HIGH:
        return this.high[pin]!;
      default:
        return 0;
    }
  }

  private writeIndexed(value: number): void {
    const pin = (this.index - IOREDTBL_LOW.offset) >> 1;
    switch (indexedRegister(this.index, PINS)) {
      case IOAPICID:
        this.id = IOAPICID.write(this.id, value);
        this.arbitration = this.id & IOAPICARB.readable;
        break;
      case IOREDTBL_LOW:
        this.writeEntry(pin, value);
        break;
      case IOREDTBL_HIGH:
        this.events?.upperWritten(pin, value);
        this.high[pin] = IOREDTBL_HIGH.write(0, value);
        break;
      case null:
        this.events?.lost(4, this.index);
    }
  }

  private writeEntry(pin: number, value: number): void {
    const entry = IOREDTBL_LOW.write(this.low[pin]!, value);
    this.events?.entryWritten(pin, value);
    // A change to edge clears Remote IRR: drivers of version 11h end an interrupt so.
    this.low[pin] = entry & TRIGGER ? entry : entry & ~RIRR;
    if (this.isLevel(pin)) this.sendLevel(pin);
  }

  /** SMI, NMI, INIT and ExtINT are edges whatever the entry's trigger mode. */
  private isLevel(pin: number): boolean {
    const entry = this.low[pin]!;
    return (entry & TRIGGER) !== 0 && (entry & DELMOD) >> DELMOD_AT <= LOWEST_PRIORITY;
  }

  private sendLevel(pin: number): void {
    if ((this.pins & (1 << pin)) === 0 || (this.low[pin]! & (MASK | RIRR)) !== 0) return;
    this.low[pin] = this.low[pin]! | RIRR;
    this.send(pin);
  }

  private send(pin: number): void {
    const entry = this.low[pin]!;
    this.events?.sent(pin, entry, this.high[pin]!);
    const mode = (entry & DELMOD) >> DELMOD_AT;
    const destination = this.high[pin]! >>> DEST_AT;
    const ways = ((entry & DESTMOD) !== 0 ? DM : 0) | (mode === LOWEST_PRIORITY ? RH : 0);
    const address = MESSAGE_BASE * 2 ** BASE_AT + ((destination << MESSAGE.DEST) | ways);
    const data = (entry & VECTOR) | (mode << MESSAGE.DELMOD) | (this.isLevel(pin) ? ASSERT | LEVEL : 0);
    this.board.messages.deliver(this.from[pin]!, address, data);
  }
}
