import type { Region } from '../../core/access.ts';
import { allOnes, type Width } from '../../core/bits.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import { CAPABILITY_ID } from '../../pci/registers.ts';
import { CommonConfig } from './common-config.ts';
import { ConfigWindow } from './config-window.ts';
import { ModernRules } from './modern-rules.ts';
import { NOTIFY_MULTIPLIER, NotifyStructure } from './notify.ts';
import type { FunctionParts } from './parts.ts';
import * as reg from './registers.ts';
import type { DriverSession } from './session.ts';
import { DeviceConfig, IsrStructure } from './small-structures.ts';
import type { Structure } from './structure.ts';

/** The base address register of the structures, as in QEMU; MSI-X has BAR1. */
const BAR = 4;
/** Where the structures lie in it. Beyond each ends what it covers, so that a driver that maps more sees all ones. */
const PLACE = { common: 0x000, isr: 0x100, device: 0x200, notify: 0x800 } as const;
const BAR_SIZE = 0x1000;
const CAP_SIZE = reg.virtio_pci_cap.size;
const EXTRA = 4;

interface Placed {
  readonly at: number;
  readonly structure: Structure;
}

/**
 * The modern interface of a function (virtio 1.4, PCI Device Layout): the structures behind BAR4, a capability for
 * each, and the window through configuration space.
 */
export class ModernInterface implements Region {
  readonly name: string;
  readonly size = BAR_SIZE;
  private readonly fn: PciFunction;
  private readonly session: DriverSession;
  private readonly placed: readonly Placed[];
  private readonly common: CommonConfig;
  private readonly rules: ModernRules;
  private readonly window: ConfigWindow;
  private readonly capabilities: { readonly at: number; readonly length: number }[] = [];

  constructor(parts: FunctionParts) {
    const { fn, session } = parts;
    const { device } = session;
    this.name = fn.name;
    this.fn = fn;
    this.session = session;
    this.rules = new ModernRules(device);
    this.common = new CommonConfig(parts, this.rules);
    this.placed = [
      { at: PLACE.common, structure: this.common },
      { at: PLACE.isr, structure: new IsrStructure(parts) },
      ...(device.configBytes > 0
        ? [{ at: PLACE.device, structure: new DeviceConfig(session, this.rules) }]
        : []),
      { at: PLACE.notify, structure: new NotifyStructure(session, this.common) },
    ];
    fn.addBar(BAR, 'mem32', this);
    for (const placed of this.placed) this.announce(placed);
    this.window = new ConfigWindow(fn, {
      bar: BAR,
      holds: (at, length) => this.at(at, length) !== null,
      region: this,
    });
  }

  read(offset: number, width: Width): number {
    const placed = this.at(offset, 1);
    return placed === null ? allOnes(width) : placed.structure.read(offset - placed.at, width);
  }

  write(offset: number, value: number, width: Width): void {
    const placed = this.at(offset, 1);
    placed?.structure.write(offset - placed.at, value, width);
  }

  describe(access: { offset: number; width: number; value: number | null; write: boolean }): string {
    const { offset, width, value, write } = access;
    const placed = this.at(offset, 1);
    const said = placed?.structure.describe(offset - placed.at, width, value, write);
    return `${this.name} ${said ?? `BAR4+${offset.toString(16)}`}`;
  }

  /** What the driver reads of `width` bytes of configuration space, if that is the window; else null. */
  readConfig(offset: number, width: Width): number | null {
    const type = reg.CFG_TYPE.offset;
    if (this.capabilities.some(({ at }) => offset <= at + type && offset + width > at + type))
      this.session.capabilitySeen();
    return this.window.covers(offset, width) ? this.window.read() : null;
  }

  /** Configuration space was written. */
  configWritten(offset: number, width: Width): void {
    const { journal } = this.fn.board;
    journal.met('virtio/PCI-CAP-D7');
    if (this.window.covers(offset, width)) this.window.write();
    for (const { at, length } of this.capabilities) {
      if (offset + width <= at || offset >= at + length) continue;
      const said = `${width} bytes were written at ${(offset - at).toString(16)} of a virtio capability`;
      journal.report('virtio/PCI-CAP-D7', this.fn.subject, said);
    }
  }

  /** The driver reset the device. */
  forget(): void {
    this.common.forget();
    this.rules.forget();
  }

  resetWritten(): void {
    this.rules.resetWritten();
  }

  private at(offset: number, length: number): Placed | null {
    for (const placed of this.placed)
      if (offset >= placed.at && offset + length <= placed.at + placed.structure.length) return placed;
    return null;
  }

  private announce({ at, structure }: Placed): void {
    const notify = structure.type === reg.VIRTIO_PCI_CAP.NOTIFY;
    const length = CAP_SIZE + (notify ? EXTRA : 0);
    const { config } = this.fn;
    const base = this.fn.addCapability(CAPABILITY_ID.VENDOR, length);
    config.define(reg.CAP_LEN, { reset: length }, base);
    config.define(reg.CFG_TYPE, { reset: structure.type }, base);
    config.define(reg.CAP_BAR, { reset: BAR }, base);
    config.define(reg.CAP_OFFSET, { reset: at }, base);
    config.define(reg.CAP_LENGTH, { reset: structure.length }, base);
    if (notify) config.define(reg.NOTIFY_OFF_MULTIPLIER, { reset: NOTIFY_MULTIPLIER }, base);
    this.capabilities.push({ at: base, length });
  }
}
