import type { Region } from '../core/access.ts';
import { bdfText, type Width } from '../core/bits.ts';
import type { Board, DmaGate, ResetKind } from '../core/board.ts';
import type { Wire } from '../core/line.ts';
import { MisuseError } from '../core/misuse.ts';
import { Bar, type BarKind, CONFIG_SIZE, ConfigSpace } from './config-space.ts';
import type { PciEvents } from './events.ts';
import * as reg from './registers.ts';

const { IO_SPACE, MEMORY_SPACE, BUS_MASTER, INTERRUPT_DISABLE, SERR_ENABLE } = reg.COMMAND.mask;
const { INTERRUPT_STATUS, CAPABILITIES_LIST } = reg.STATUS.mask;
const CAPABILITIES_START = 0x40;
/** Bytes of a base address register; one of 64 bits takes two. */
const HALF = 4;

/** The fields of a function's header. */
export interface Identity {
  readonly vendor: number;
  readonly device: number;
  /** 24 bits: class, subclass, programming interface. */
  readonly class: number;
  readonly revision: number;
  readonly subsystemVendor?: number;
  readonly subsystem?: number;
  /** Status after reset: DEVSEL timing. */
  readonly status?: number;
  readonly multiFunction?: boolean;
  /** It leads to another bus: its header is of type 1. */
  readonly isBridge?: boolean;
  /** 1 is INTA; 0, the default, is none. */
  readonly pin?: number;
  /** Writable Command bits. */
  readonly command?: number;
}

/** Services of the bus for a plugged-in function. */
export interface Slot {
  /** Maps each BAR by its register and Command. */
  remap(fn: PciFunction): void;
  remove(fn: PciFunction): void;
  /** The IRQ of its interrupt pin; null for none. */
  irqOf(fn: PciFunction): number | null;
  /** Maps a window that is not a BAR, as PIIX4's power management block. */
  mapPorts(base: number, region: Region): void;
  unmapPorts(base: number, region: Region): void;
  /** Whether what a function here sends to memory comes there: each bridge between must have BUS_MASTER. */
  readonly reachesMemory: boolean;
}

const COMMAND_WRITABLE = IO_SPACE | MEMORY_SPACE | BUS_MASTER | SERR_ENABLE | INTERRUPT_DISABLE;

/**
 * A PCI function: configuration space, base addresses, capabilities, INTx. Devices extend it or hold one.
 *
 * @example
 * const nic = new PciFunction('net0', board, { vendor: 0x1af4, device: 0x1000, class: 0x020000, revision: 0, pin: 1 });
 * nic.addBar(0, 'io', registers);
 * bus.add(nic, 4, 0);                 // 00:04.0
 * nic.setInterrupt(true);             // INTA, unless Command disables it
 * nic.gate.open;                      // false until software sets BUS_MASTER
 * bus.remove(nic);
 */
export class PciFunction {
  readonly name: string;
  readonly board: Board;
  readonly config = new ConfigSpace();
  /** By index. */
  readonly bars: Bar[] = [];
  /** Open while Command has BUS_MASTER, its own and that of each bridge before it. */
  readonly gate: DmaGate & { open: boolean } = { open: false };
  /** Set by the bus; -1 while unplugged, or while no bridge leads to it. */
  bdf = -1;
  bus: Slot | null = null;
  /** The watcher of the driver; null for none. */
  events: PciEvents | null = null;
  /** What keeps back a message of MSI-X that waits, of which `handles` knows the vector; null is no MSI-X. */
  heldMessage: ((handles: (vector: number) => boolean) => { vector: number; said: string } | null) | null =
    null;
  private intx: Wire | null = null;
  private interrupt = false;
  private looped = false;
  /** A base address has 64 bits. */
  private hasWide = false;
  private lastCapability = 0;
  private freeCapability = CAPABILITIES_START;

  constructor(name: string, board: Board, id: Identity) {
    this.name = name;
    this.board = board;
    const { config } = this;
    config.define(reg.VENDOR_ID, { reset: id.vendor });
    config.define(reg.DEVICE_ID, { reset: id.device });
    config.define(reg.COMMAND, { writable: id.command ?? COMMAND_WRITABLE });
    config.define(reg.STATUS, { reset: id.status ?? 0 });
    config.define(reg.REVISION_ID, { reset: id.revision });
    config.define(reg.PROG_IF, { reset: id.class & 0xff });
    config.define(reg.SUBCLASS, { reset: (id.class >> 8) & 0xff });
    config.define(reg.BASE_CLASS, { reset: id.class >> 16 });
    const several = id.multiFunction ? reg.HEADER_TYPE.mask.MULTI_FUNCTION : 0;
    config.define(reg.HEADER_TYPE, { reset: several | (id.isBridge ? reg.BRIDGE : 0) });
    if (!id.isBridge) {
      config.define(reg.SUBSYSTEM_VENDOR_ID, { reset: id.subsystemVendor ?? 0 });
      config.define(reg.SUBSYSTEM_ID, { reset: id.subsystem ?? 0 });
    }
    config.define(reg.CAPABILITIES_POINTER);
    config.define(reg.INTERRUPT_LINE);
    config.define(reg.INTERRUPT_PIN, { reset: id.pin ?? 0 });
  }

  /** Puts `region` behind BAR `index`; its size is the region's. */
  addBar(index: number, kind: BarKind, region: Region): Bar {
    const bar = new Bar(this.config, index, kind, region);
    this.bars.push(bar);
    if (kind === 'mem64') this.hasWide = true;
    this.bars.sort((a, b) => a.index - b.index);
    return bar;
  }

  /**
   * Appends a capability of `size` bytes to the list; returns its offset, where the caller defines its registers.
   * @throws MisuseError if configuration space has no room for it.
   */
  addCapability(id: number, size: number): number {
    const { config } = this;
    const at = this.freeCapability;
    const left = CONFIG_SIZE - at;
    if (size > left)
      throw new MisuseError('size', size, `at most ${left} bytes, all that is left in the list`);
    this.freeCapability = (at + size + 3) & ~3;
    if (this.lastCapability === 0) {
      config.define(reg.CAPABILITIES_POINTER, { reset: at });
      config.define(reg.STATUS, { reset: config.get(reg.STATUS) | CAPABILITIES_LIST });
    } else
      config.define(
        { ...reg.CAPABILITIES_POINTER, name: 'Next Pointer', offset: 1 },
        { reset: at },
        this.lastCapability,
      );
    config.define({ ...reg.CAPABILITIES_POINTER, name: 'Capability ID', offset: 0 }, { reset: id }, at);
    config.define({ ...reg.CAPABILITIES_POINTER, name: 'Next Pointer', offset: 1 }, {}, at);
    this.lastCapability = at;
    return at;
  }

  /** Makes the last capability's next the first: an endless list. */
  closeList(): void {
    const { config, lastCapability } = this;
    if (lastCapability === 0) return;
    this.looped = true;
    const first = config.get(reg.CAPABILITIES_POINTER);
    config.define(
      { ...reg.CAPABILITIES_POINTER, name: 'Next Pointer', offset: 1 },
      { reset: first },
      lastCapability,
    );
  }

  /** @throws MisuseError for an invalid access to configuration space. */
  readConfig(offset: number, width: Width): number {
    if (width !== 1 && width !== 2 && width !== 4) throw new MisuseError('width', width, '1, 2 or 4 bytes');
    if (!(Number.isInteger(offset) && offset >= 0 && offset < CONFIG_SIZE))
      throw new MisuseError('offset', offset, 'an offset in configuration space from 0 to 255');
    if (this.looped) this.tellWalk(offset);
    if (this.hasWide && this.events !== null) this.tellHalf(this.events, offset);
    return this.config.read(offset, width);
  }

  writeConfig(offset: number, value: number, width: Width): void {
    const before = this.config.read(offset, width);
    this.config.write(offset, value, width);
    if (this.events !== null) this.tell(this.events, offset, value, width, before);
    this.openGate();
    this.driveIntx();
    this.configWritten(offset, width);
    this.bus?.remap(this);
  }

  /** @internal */ openGate(): void {
    const isMaster = (this.config.get(reg.COMMAND) & BUS_MASTER) !== 0;
    this.gate.open = isMaster && (this.bus === null || this.bus.reachesMemory);
  }

  /** For functions whose registers have side effects: called after each write, before BARs move. */
  protected configWritten(_offset: number, _width: Width): void {}

  /** The function wants service, or no longer does. Interrupt Status shows it; INTx follows unless disabled. */
  setInterrupt(level: boolean): void {
    if (level === this.interrupt) return;
    this.interrupt = level;
    const status = this.config.get(reg.STATUS);
    this.config.set(reg.STATUS, level ? status | INTERRUPT_STATUS : status & ~INTERRUPT_STATUS);
    this.driveIntx();
  }

  reset(_kind: ResetKind): void {
    this.config.reset();
    this.gate.open = false;
    this.interrupt = false;
    this.events?.reset();
    this.driveIntx();
    this.bus?.remap(this);
  }

  /** @internal */ plugged(bus: Slot, bdf: number, intx: Wire | null): void {
    this.bus = bus;
    this.bdf = bdf;
    this.intx = intx;
    this.driveIntx();
  }

  /** @internal */ unplugged(): void {
    this.intx?.set(false);
    this.intx = null;
    this.bus = null;
    this.bdf = -1;
  }

  /** Name with the bus address: `net0 (00:04.0)`. */
  get subject(): string {
    return this.bdf < 0 ? this.name : `${this.name} (${bdfText(this.bdf)})`;
  }

  /** Whether the driver has disabled INTx. */
  get interruptDisabled(): boolean {
    return (this.config.get(reg.COMMAND) & INTERRUPT_DISABLE) !== 0;
  }

  private tellWalk(offset: number): void {
    if (offset === reg.CAPABILITIES_POINTER.offset) this.events?.listBegun();
    else if (offset === this.config.get(reg.CAPABILITIES_POINTER)) this.events?.listEntered();
  }

  /** A half of a base address of 64 bits is read. */
  private tellHalf(events: PciEvents, offset: number): void {
    for (const bar of this.bars) {
      const from = (offset & ~3) - bar.offset;
      if (bar.kind === 'mem64' && (from === 0 || from === HALF)) events.halfRead(bar.index, from === HALF);
    }
  }

  private driveIntx(): void {
    this.intx?.set(this.interrupt && !this.interruptDisabled);
  }

  private tell(events: PciEvents, offset: number, value: number, width: Width, before: number): void {
    const command = this.config.get(reg.COMMAND);
    if (offset === reg.COMMAND.offset) events.commandWritten(command);
    if (offset === reg.INTERRUPT_LINE.offset) events.lineWritten(value & 0xff, this.bus?.irqOf(this) ?? null);
    const layout = reg.HEADER_TYPE.decode(this.config.get(reg.HEADER_TYPE)).LAYOUT;
    if (layout === reg.BRIDGE && offset === reg.PRIMARY_BUS.offset) events.busNumbersWritten(value, width);
    for (const { offset: at, index, kind, region } of this.bars) {
      const from = offset - at;
      if (kind === 'mem64' && from >= 0 && from < 2 * HALF) {
        const isUpper = from >= HALF;
        events.halfWritten(index, isUpper, this.config.read(isUpper ? at + HALF : at, 4), region.size);
      }
      if (from < 0 || from >= HALF) continue;
      const io = kind === 'io';
      const decoded = (command & (io ? IO_SPACE : MEMORY_SPACE)) !== 0;
      const held = this.config.read(at, 4);
      const moved = this.config.read(offset, width) !== before;
      events.baseWritten({ index, io, size: region.size, from, width, value, held, decoded, moved });
    }
  }
}
