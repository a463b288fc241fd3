import type { Region } from '../../../core/access.ts';
import { allOnes, type Width } from '../../../core/bits.ts';
import type { PciFunction } from '../../../pci/pci-function.ts';
import { CAPABILITY_ID } from '../../../pci/registers.ts';
import type { VirtioDevice } from '../../device.ts';
import * as reg from './registers.ts';

/** The registers that set the window's target. */
const NAMED = [reg.CAP_BAR, reg.CAP_OFFSET, reg.CAP_LENGTH] as const;
const SIZE = reg.virtio_pci_cap.size + reg.PCI_CFG_DATA.width;

/** The structures behind the window. */
interface Behind {
  readonly bar: number;
  readonly region: Region;
  /** Whether all `length` bytes from `at` belong to one structure. */
  holds(at: number, length: number): boolean;
}

/**
 * The PCI configuration access capability: bar, offset and length select the target of an access to `pci_cfg_data`, so
 * that the structures can be reached while no base address is mapped.
 */
export class ConfigWindow {
  private readonly fn: PciFunction;
  private readonly device: VirtioDevice;
  private readonly behind: Behind;
  private readonly at: number;

  constructor(fn: PciFunction, device: VirtioDevice, behind: Behind) {
    this.fn = fn;
    this.device = device;
    this.behind = behind;
    this.at = fn.addCapability(CAPABILITY_ID.VENDOR, SIZE);
    const { config } = fn;
    config.define(reg.CAP_LEN, { reset: SIZE }, this.at);
    config.define(reg.CFG_TYPE, { reset: reg.VIRTIO_PCI_CAP.PCI }, this.at);
    config.define(reg.CAP_BAR, { writable: reg.CAP_BAR.mask.INDEX }, this.at);
    config.define(reg.CAP_OFFSET, { writable: reg.CAP_OFFSET.mask.BYTES }, this.at);
    config.define(reg.CAP_LENGTH, { writable: reg.CAP_LENGTH.mask.BYTES }, this.at);
    config.define(reg.PCI_CFG_DATA, {}, this.at);
  }

  /** Whether an access to configuration space touches `pci_cfg_data`. */
  covers(offset: number, width: number): boolean {
    const data = this.at + reg.PCI_CFG_DATA.offset;
    return offset + width > data && offset < data + reg.PCI_CFG_DATA.width;
  }

  read(): number {
    if (this.pointsNowhere) return allOnes(4);
    const target = this.target();
    if (target === null) return allOnes(4);
    return (this.behind.region.read(target.offset, target.width) & allOnes(target.width)) >>> 0;
  }

  /** Acts on what `pci_cfg_data` holds now. */
  write(): void {
    const target = this.target();
    if (target === null) return;
    const value = (this.fn.config.get(reg.PCI_CFG_DATA, this.at) & allOnes(target.width)) >>> 0;
    this.behind.region.write(target.offset, value, target.width);
  }

  /** The window was not set up: a driver that reads `pci_cfg_data` is then dumping configuration space. */
  private get pointsNowhere(): boolean {
    return NAMED.every((register) => this.fn.config.get(register, this.at) === 0);
  }

  /** The target of the window; null if it is nothing that may be reached through it. */
  private target(): { offset: number; width: Width } | null {
    const { config } = this.fn;
    const bar = config.get(reg.CAP_BAR, this.at);
    const offset = config.get(reg.CAP_OFFSET, this.at);
    const length = config.get(reg.CAP_LENGTH, this.at);
    const width = length === 1 || length === 2 || length === 4 ? length : null;
    const inside = width !== null && bar === this.behind.bar && this.behind.holds(offset, width);
    const fault = !inside ? 'outside' : offset % width === 0 ? null : 'unaligned';
    this.device.events?.windowUsed(bar, offset, length, fault);
    return inside && fault === null ? { offset, width } : null;
  }
}
