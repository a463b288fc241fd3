import type { Described, Region } from '../../../core/access.ts';
import { allOnes, type Width } from '../../../core/bits.ts';
import type { PciFunction } from '../../../pci/pci-function.ts';
import { BAR0, CAPABILITY_ID, SUBSYSTEM_VENDOR_ID } from '../../../pci/registers.ts';
import type { VirtioDevice } from '../../device.ts';
import type { BaseSought, Oddity } from '../../events.ts';
import type { FunctionParts } from '../layout.ts';
import type { DriverSession } from '../session.ts';
import { CommonConfig } from './common-config.ts';
import { ConfigWindow } from './config-window.ts';
import { DecoyStructure, type Decoys, oddities, twinOddity } from './decoys.ts';
import { NotifyStructure, notifyMultiplier } from './notify.ts';
import * as reg from './registers.ts';
import type { Structure } from './small-structures.ts';
import { DeviceConfig, IsrStructure } from './small-structures.ts';

/** The BAR of the structures, as in QEMU; MSI-X has BAR1. */
const BAR = 4;

/** The fields of a virtio capability. */
interface StructureCapability {
  readonly type: number;
  readonly bar: number;
  readonly offset: number;
  readonly length: number;
  /** notify_off_multiplier, after the rest. */
  readonly multiplier?: number | undefined;
  /** Meaningless bytes at the end of the capability. */
  readonly padding?: number;
}

/** Where a capability is in configuration space. */
interface Extent {
  readonly at: number;
  readonly length: number;
}

interface ReservedBar extends Extent {
  /** Where its base address would be, if there were one. */
  readonly base: number;
}

/** The virtio capabilities of a function, read-only for the driver (virtio 1.4, Virtio Structure PCI Capabilities). */
class CapabilityList {
  private readonly fn: PciFunction;
  private readonly placed: Extent[] = [];

  constructor(fn: PciFunction) {
    this.fn = fn;
  }

  add({ type, bar, offset, length: bytes, multiplier, padding = 0 }: StructureCapability): Extent {
    const extra = multiplier === undefined ? 0 : reg.NOTIFY_OFF_MULTIPLIER.width;
    const length = reg.virtio_pci_cap.size + extra + padding;
    const { config } = this.fn;
    const at = this.fn.addCapability(CAPABILITY_ID.VENDOR, length);
    config.define(reg.CAP_LEN, { reset: length }, at);
    config.define(reg.CFG_TYPE, { reset: type }, at);
    config.define(reg.CAP_BAR, { reset: bar }, at);
    config.define(reg.CAP_OFFSET, { reset: offset }, at);
    config.define(reg.CAP_LENGTH, { reset: bytes }, at);
    if (multiplier !== undefined) config.define(reg.NOTIFY_OFF_MULTIPLIER, { reset: multiplier }, at);
    const extent = { at, length };
    this.placed.push(extent);
    return extent;
  }

  /** Whether an access covers the type of one of them. */
  tellsType(offset: number, width: Width): boolean {
    const type = reg.CFG_TYPE.offset;
    return this.placed.some(({ at }) => offset <= at + type && offset + width > at + type);
  }

  /** Offset in one of them at which an access begins that touches it; -1 if it touches none. */
  placeOf(offset: number, width: Width): number {
    const touched = this.placed.find(({ at, length }) => offset + width > at && offset < at + length);
    return touched === undefined ? -1 : offset - touched.at;
  }
}

/** Offsets of the structures in it. Beyond each one's length reads are all ones, for a driver that maps more. */
export const PLACE = { common: 0x000, isr: 0x100, device: 0x200, notify: 0x800 } as const;
const PAGE = 0x1000;
/** With decoys, three more pages: the second of two structures, the reserved type's, the reserved BAR's. */
const DECOY_PAGE = { twin: PAGE, reservedType: 2 * PAGE, reservedBar: 3 * PAGE } as const;
const BAR_SIZE = { plain: PAGE, withDecoys: 4 * PAGE } as const;
/** Longer than any other capability. */
const PADDING = 8;

interface Placed {
  readonly at: number;
  readonly structure: Structure;
}

/**
 * The modern interface of a function (virtio 1.4, PCI Device Layout): the structures behind BAR4, their capabilities,
 * and the window in configuration space.
 */
export class ModernInterface implements Region {
  readonly name: string;
  readonly size: number;
  private readonly session: DriverSession;
  private readonly placed: Placed[];
  private readonly common: CommonConfig;
  private readonly window: ConfigWindow;
  private readonly capabilities: CapabilityList;
  /** The capability with a reserved BAR; null for none. */
  private reservedBar: ReservedBar | null = null;
  /** Capabilities that a driver must skip. */
  readonly oddities: readonly Oddity[];

  constructor(parts: FunctionParts, decoys: Decoys | null = null) {
    const { fn, session } = parts;
    const { device } = session;
    this.name = fn.name;
    this.session = session;
    this.common = new CommonConfig(parts);
    this.placed = [
      { at: PLACE.common, structure: this.common },
      { at: PLACE.isr, structure: new IsrStructure(parts) },
      ...(device.configBytes > 0 ? [{ at: PLACE.device, structure: new DeviceConfig(session) }] : []),
      { at: PLACE.notify, structure: new NotifyStructure(device) },
    ];
    this.size = decoys === null ? BAR_SIZE.plain : BAR_SIZE.withDecoys;
    this.oddities = decoys === null ? [] : oddities(decoys);
    fn.addBar(BAR, 'mem32', this);
    this.capabilities = new CapabilityList(fn);
    const own = [...this.placed];
    if (decoys !== null) this.addReserved(device, decoys);
    for (const placed of own)
      if (placed.structure.type === decoys?.twin.type) this.addTwins(device, placed, decoys);
      else this.announce(placed);
    this.window = new ConfigWindow(fn, device, {
      bar: BAR,
      holds: (at, length) => this.at(at, length) !== null,
      region: this,
    });
  }

  read(offset: number, width: Width): number {
    const placed = this.at(offset, 1);
    if (placed !== null) return placed.structure.read(offset - placed.at, width);
    this.session.device.events?.structureMissed(offset, width);
    return allOnes(width);
  }

  /** While a device runs a callback, it is in the middle of its work: writes wait. */
  write(offset: number, value: number, width: Width): void {
    const { userCalls } = this.session.device.board.clock;
    if (userCalls.isCalling) {
      userCalls.later(() => this.write(offset, value, width));
      return;
    }
    const placed = this.at(offset, 1);
    if (placed === null) this.session.device.events?.structureMissed(offset, width);
    else placed.structure.write(offset - placed.at, value, width);
  }

  describe(access: Described): string {
    const { offset } = access;
    const placed = this.at(offset, 1);
    const said = placed?.structure.describe({ ...access, offset: offset - placed.at });
    return `${this.name} ${said ?? `BAR4+${offset.toString(16)}`}`;
  }

  /** The result of a read of `width` bytes of configuration space, if that is the window; else null. */
  readConfig(offset: number, width: Width): number | null {
    const { events } = this.session.device;
    if (this.capabilities.tellsType(offset, width)) events?.capabilityRead();
    if (this.reservedBar !== null) events?.baseSought(soughtAt(offset, this.reservedBar));
    return this.window.covers(offset, width) ? this.window.read() : null;
  }

  /** Configuration space was written. */
  configWritten(offset: number, width: Width): void {
    if (this.window.covers(offset, width)) this.window.write();
    const { events } = this.session.device;
    events?.configSpaceWritten(this.capabilities.placeOf(offset, width), width);
  }

  /** The driver reset the device. */
  forget(): void {
    this.common.forget();
  }

  private at(offset: number, length: number): Placed | null {
    for (const placed of this.placed)
      if (offset >= placed.at && offset + length <= placed.at + placed.structure.length) return placed;
    return null;
  }

  private announce({ at, structure }: Placed, odd: Partial<StructureCapability> = {}): Extent {
    const { type, length } = structure;
    const multiplier = type === reg.VIRTIO_PCI_CAP.NOTIFY ? notifyMultiplier(this.session.device) : undefined;
    return this.capabilities.add({ type, bar: BAR, offset: at, length, multiplier, ...odd });
  }

  /** One capability of a reserved type, and one of a known type with a reserved BAR. */
  private addReserved(device: VirtioDevice, { reservedType, reservedBar }: Decoys): void {
    const { bar, type } = reservedBar;
    const byType = { name: `a capability of type ${reservedType}`, type: reservedType, length: PAGE };
    const byBar = { name: `a capability with BAR ${bar}`, type, length: PAGE };
    const leads = [
      { at: DECOY_PAGE.reservedType, structure: new DecoyStructure(device, 'reserved type', byType) },
      { at: DECOY_PAGE.reservedBar, structure: new DecoyStructure(device, 'reserved BAR', byBar) },
    ];
    this.announce(leads[0]!);
    this.reservedBar = { ...this.announce(leads[1]!, { bar }), base: BAR0 + 4 * bar };
    this.placed.push(...leads);
  }

  /** The first capability may be odd; the second is valid, and points to the same structure. */
  private addTwins(device: VirtioDevice, first: Placed, decoys: Decoys): void {
    const { structure, at } = first;
    const { trap, type } = decoys.twin;
    this.announce(first, {
      ...(trap === 'padded' && { padding: PADDING }),
      ...(trap === 'long' && { length: PAGE - at }),
    });
    const what = { name: `the second ${structure.name} structure`, type, length: structure.length };
    const second = {
      at: DECOY_PAGE.twin + at,
      structure: new DecoyStructure(device, twinOddity(decoys), what, structure),
    };
    this.announce(second);
    this.placed.push(second);
  }
}

function soughtAt(offset: number, { at, length, base }: ReservedBar): BaseSought {
  if (offset >= at && offset < at + length) return 'capability';
  // Behind the sixth is a place that means nothing here, and the seventh would be that of two IDs.
  return offset === base && base !== SUBSYSTEM_VENDOR_ID.offset ? 'base' : 'elsewhere';
}
