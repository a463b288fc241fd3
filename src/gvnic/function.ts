import type { Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { UserCalls } from '../core/user-calls.ts';
import { Msix } from '../pci/msix.ts';
import { PciFunction } from '../pci/pci-function.ts';
import { RegisterWindow } from './bar0.ts';
import { Gvnic } from './device.ts';
import { Doorbells } from './doorbells.ts';
import { GVNIC_BAR, GVNIC_ID } from './registers/bar0.ts';
import type { GvnicSettings } from './settings.ts';

/**
 * A gVNIC on PCI: registers behind BAR0, MSI-X behind BAR1 with a vector for each queue and one more, doorbells behind BAR2.
 *
 * @example
 * const fn = new GvnicFunction('net0', board, settings);
 * bus.add(fn, 4);
 * fn.device.plug(new Loopback());
 */
export class GvnicFunction extends PciFunction {
  readonly device: Gvnic;
  private readonly msix: Msix;

  constructor(name: string, board: Board, settings: GvnicSettings) {
    const { vendor, device, subsystem, class: pciClass } = GVNIC_ID;
    const identity = { vendor, device, class: pciClass, subsystemVendor: vendor, subsystem };
    super(name, board, { ...identity, revision: settings.revision });
    this.device = new Gvnic(name, board, settings, {
      gate: this.gate,
      signal: (vector) => this.msix.signal(vector),
    });
    const { userCalls } = board.clock;
    this.addBar(GVNIC_BAR.registers, 'mem32', deferred(new RegisterWindow(this.device), userCalls));
    this.msix = new Msix(this, { vectors: 2 * settings.pairs + 1, bar: GVNIC_BAR.msix });
    this.addBar(GVNIC_BAR.doorbells, 'mem32', deferred(new Doorbells(this.device), userCalls));
  }

  override reset(kind: ResetKind): void {
    this.device.reset();
    this.msix.reset();
    super.reset(kind);
  }

  protected override configWritten(): void {
    this.msix.configWritten();
  }
}

/** While a device runs a callback, it is in the middle of its work: writes wait. */
function deferred(region: Region, userCalls: UserCalls): Region {
  const { name, size } = region;
  const write = (offset: number, value: number, width: Width): void => {
    if (userCalls.isCalling) userCalls.later(() => write(offset, value, width));
    else region.write(offset, value, width);
  };
  return {
    name,
    size,
    read: (offset, width) => region.read(offset, width),
    write,
    describe: (access) => region.describe!(access),
  };
}
