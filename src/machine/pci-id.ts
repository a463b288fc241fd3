import type { PciId } from '../core/driver.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import * as reg from '../pci/registers.ts';

/** The identity of a function. */
export function pciIdOf({ config }: PciFunction): PciId {
  return {
    vendor: config.get(reg.VENDOR_ID),
    device: config.get(reg.DEVICE_ID),
    class: (config.get(reg.BASE_CLASS) << 16) | (config.get(reg.SUBCLASS) << 8) | config.get(reg.PROG_IF),
    revision: config.get(reg.REVISION_ID),
    subsystemVendor: config.get(reg.SUBSYSTEM_VENDOR_ID),
    subsystem: config.get(reg.SUBSYSTEM_ID),
  };
}
