import type { GuestPort } from '../../core/guest-port.ts';
import { findCapability, readRegister } from '../../guest/pci/config.ts';
import { GvnicFunction } from '../../gvnic/function.ts';
import type { Machine } from '../../machine/machine.ts';
import { NvmeFunction } from '../../nvme/function.ts';
import type { PciFunction } from '../../pci/pci-function.ts';
import { CAPABILITY_ID, COMMAND, MSIX_CONTROL } from '../../pci/registers.ts';
import { VirtioFunction } from '../../virtio/transport/function.ts';
import type { Fixture } from './fixture.ts';

const { BUS_MASTER } = COMMAND.mask;
const { ENABLE } = MSIX_CONTROL.mask;

/**
 * Stops the driver, and checks that it let go. Functions that no driver of the model had are as firmware left
 * them.
 *
 * @throws NotStoppedError if a device that a driver had is not reset, may interrupt, or is a bus master still.
 */
export function stopSurely({ machine, bound, stop }: Fixture): void {
  const had = machine.chassis.bus.all().filter((fn) => bound.includes(fn.bdf) && isSetUp(fn));
  stop();
  machine.journal.quietly(() => {
    for (const fn of had) demandReset(machine.port, fn);
  });
}

/** The virtio functions of a machine. */
export function devicesOf({ chassis }: Machine): VirtioFunction[] {
  return chassis.bus.all().filter((fn) => fn instanceof VirtioFunction);
}

/** A device of a kind that a driver resets, or shuts down, when it lets go. */
function isSetUp(fn: PciFunction): boolean {
  if (fn instanceof VirtioFunction) return fn.device.status !== 0;
  if (fn instanceof NvmeFunction) return fn.controller.runs;
  return fn instanceof GvnicFunction && fn.device.isSetUp;
}

function demandReset(port: GuestPort, fn: PciFunction): void {
  const { name, bdf } = fn;
  if (isSetUp(fn)) throw new NotStoppedError(`${name} was not reset by use.stop()`);
  if ((readRegister(port, bdf, COMMAND) & BUS_MASTER) !== 0)
    throw new NotStoppedError(`${name} is a bus master still after use.stop()`);
  const msix = findCapability(port, bdf, CAPABILITY_ID.MSIX);
  if (msix !== null && (readRegister(port, bdf, MSIX_CONTROL, msix) & ENABLE) !== 0)
    throw new NotStoppedError(`${name} has MSI-X on still after use.stop()`);
}

/** A driver reports that it let go of a device, and the device's state does not agree. */
export class NotStoppedError extends Error {
  override readonly name = 'NotStoppedError';
}
