import type { Width } from '../../../core/bits.ts';
import type { PciFunction } from '../../../pci/pci-function.ts';
import { CAPABILITY_ID } from '../../../pci/registers.ts';
import * as reg from './registers.ts';

/** The fields of a virtio capability. */
export interface StructureCapability {
  readonly type: number;
  readonly bar: number;
  readonly offset: number;
  readonly length: number;
  /** notify_off_multiplier, after the rest. */
  readonly multiplier?: number | undefined;
  /** Meaningless bytes at the end of the capability. */
  readonly padding?: number;
}

/** The virtio capabilities of a function, read-only for the driver (virtio 1.4, Virtio Structure PCI Capabilities). */
export class CapabilityList {
  private readonly fn: PciFunction;
  private readonly placed: { readonly at: number; readonly length: number }[] = [];

  constructor(fn: PciFunction) {
    this.fn = fn;
  }

  add({ type, bar, offset, length: bytes, multiplier, padding = 0 }: StructureCapability): void {
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
    this.placed.push({ at, length });
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
