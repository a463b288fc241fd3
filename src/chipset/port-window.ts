import type { Region } from '../core/access.ts';
import type { Slot } from '../pci/pci-function.ts';

/** Ports that a PCI function answers outside its BARs, at an address in its registers. */
export class PortWindow {
  readonly region: Region;
  private base: number | null = null;

  constructor(region: Region) {
    this.region = region;
  }

  /** Moves it to `base`, or unmaps it. */
  move(bus: Slot | null, base: number | null): void {
    if (bus === null || base === this.base) return;
    if (this.base !== null) bus.unmapPorts(this.base, this.region);
    if (base !== null) bus.mapPorts(base, this.region);
    this.base = base;
  }
}
