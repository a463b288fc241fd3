import type { Gpa } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { BAR_COUNT, CAPABILITIES_POINTER, CAPABILITY_ID, STATUS } from '../../pci/registers.ts';
import {
  CAP_BAR,
  CAP_OFFSET,
  CFG_TYPE,
  NOTIFY_OFF_MULTIPLIER,
  VIRTIO_PCI_CAP,
} from '../../virtio/transport/modern/registers.ts';
import { barAddress } from '../pci/bars.ts';
import { configRead, readRegister } from '../pci/config.ts';

const { COMMON, NOTIFY, ISR, DEVICE } = VIRTIO_PCI_CAP;
/** Maximum number of capabilities after the header of configuration space; a longer list is a loop. */
const CAPABILITIES_MAX = 48;

/** Addresses of a modern function's structures. */
export interface ModernStructures {
  readonly common: Gpa;
  readonly isr: Gpa;
  readonly notify: Gpa;
  readonly notifyMultiplier: number;
  /** Null if the device type has no configuration. */
  readonly device: Gpa | null;
}

/**
 * Finds the structures by their capabilities; null on a legacy function. Of each type the first that this driver can
 * access is used, and capabilities of a reserved type or with a reserved BAR are skipped, whatever their length
 * (virtio 1.4, Virtio Structure PCI Capabilities).
 */
export function findStructures(port: GuestPort, bdf: number): ModernStructures | null {
  const found = new Map<number, { at: Gpa; capability: number }>();
  for (const capability of vendorCapabilities(port, bdf)) {
    const type = readRegister(port, bdf, CFG_TYPE, capability);
    const at = placeOf(port, bdf, capability);
    if (at !== null && !found.has(type)) found.set(type, { at, capability });
  }
  const [common, notify, isr] = [COMMON, NOTIFY, ISR].map((type) => found.get(type));
  if (common === undefined || notify === undefined || isr === undefined) return null;
  return {
    common: common.at,
    isr: isr.at,
    notify: notify.at,
    notifyMultiplier: readRegister(port, bdf, NOTIFY_OFF_MULTIPLIER, notify.capability),
    device: found.get(DEVICE)?.at ?? null,
  };
}

function vendorCapabilities(port: GuestPort, bdf: number): number[] {
  const found: number[] = [];
  if ((readRegister(port, bdf, STATUS) & STATUS.mask.CAPABILITIES_LIST) === 0) return found;
  let at = readRegister(port, bdf, CAPABILITIES_POINTER) & 0xfc;
  for (let seen = 0; at !== 0 && seen < CAPABILITIES_MAX; seen++) {
    if (configRead(port, bdf, at, 1) === CAPABILITY_ID.VENDOR) found.push(at);
    at = configRead(port, bdf, at + 1, 1) & 0xfc;
  }
  return found;
}

/** Null if the BAR is reserved, unassigned or not memory. */
function placeOf(port: GuestPort, bdf: number, capability: number): Gpa | null {
  const index = readRegister(port, bdf, CAP_BAR, capability);
  if (index >= BAR_COUNT) return null;
  const bar = barAddress(port, bdf, index);
  if (bar === null || bar.kind === 'io') return null;
  return bar.address + readRegister(port, bdf, CAP_OFFSET, capability);
}
