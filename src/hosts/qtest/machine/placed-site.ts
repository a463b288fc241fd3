import type { Board } from '../../../core/board.ts';
import type { Plugging, Site } from '../../../machine/devices/descriptor.ts';
import type { MachineEmitter } from '../../../machine/events.ts';
import type { MachinePlan } from '../../../machine/machine-plan.ts';
import type { PciFunction } from '../../../pci/pci-function.ts';

/** A machine's slots; the next slot to use may be set beforehand. */
export class PlacedSite implements Site {
  readonly board: Board;
  readonly plan: MachinePlan;
  readonly events: MachineEmitter;
  private readonly site: Site;
  private slot: number | undefined;
  private plugged: PciFunction | null = null;

  constructor(site: Site) {
    this.board = site.board;
    this.plan = site.plan;
    this.events = site.events;
    this.site = site;
  }

  /**
   * Runs a function that plugs in a PCI function. @param slot where; left out, the next that is free. @returns
   * the PCI function.
   */
  at(slot: number | undefined, plug: () => void): PciFunction {
    this.slot = slot;
    this.plugged = null;
    try {
      plug();
    } finally {
      this.slot = undefined;
    }
    return this.plugged!;
  }

  plug<Fn extends PciFunction>(fn: Fn, how: Plugging<Fn>): void {
    this.site.plug(fn, this.slot === undefined ? how : { ...how, slot: this.slot });
    this.plugged = fn;
  }

  unplug(fn: PciFunction): void {
    this.site.unplug(fn);
  }

  checkOpen(path: string): void {
    this.site.checkOpen(path);
  }
}
