import type { Driver, PciId } from '../../core/driver.ts';
import { GVNIC_ID } from '../../gvnic/registers/bar0.ts';
import { MAILBOX_DEVICE_ID } from '../../gvnic/registers/mailbox.ts';
import { NVME_ID } from '../../nvme/registers/bar0.ts';
import type { ClauseId } from '../../rules/index.ts';
import { TRANSITIONAL_ID, VIRTIO_ID, VIRTIO_VENDOR_ID } from '../../virtio/registers.ts';
import { MODERN_ID } from '../../virtio/transport/modern/registers.ts';
import { Overrun, within } from '../host/within.ts';

/** Types of virtio functions that the machine has, and the clauses about one alone. */
const OF_TYPE = {
  net: /^(?:virtio\/(?:NET|ADMIN)-|gce\/NET|hard\/(?:NET-|DHCP$|METADATA$))/,
  scsi: /^(?:virtio\/SCSI-|scsi\/|gce\/(?:SCSI|BLOCK-LENGTH$|FIRST-TARGET$)|hard\/SCSI-)/,
  balloon: /^virtio\/BALLOON-/,
  rng: /^virtio\/RNG-/,
} as const;

type VirtioType = keyof typeof OF_TYPE;

/** Devices that are not virtio's, and the clauses about them alone. */
const OF_KIND = {
  gvnic: /^(?:gvnic\/|hard\/GVNIC-)/,
  nvme: /^(?:nvme\/|pci\/BAR64-|hard\/NVME-)/,
} as const;

/** Clauses about the processors alone. */
const OF_KVM = /^kvm\//;

type OwnKind = keyof typeof OF_KIND;
const OWN_KINDS = Object.keys(OF_KIND) as readonly OwnKind[];

/** What a driver may be of, beside the chips of a PC: virtio functions by their type, gVNICs, NVMe controllers, serial ports. */
export type DeviceKind = VirtioType | OwnKind | 'serial' | 'kvm';

export const VIRTIO_KINDS = Object.keys(OF_TYPE) as readonly VirtioType[];

/** Whether a clause is about such devices, or about a PC's chips: a driver of others does not come by it. */
export function isAbout(clause: ClauseId, kinds: readonly DeviceKind[]): boolean {
  if (OF_KVM.test(clause)) return kinds.includes('kvm');
  const own = ownKindOf(clause);
  if (own !== undefined) return kinds.includes(own);
  const type = typeOf(clause);
  if (type !== undefined) return kinds.includes(type);
  return (
    VIRTIO_KINDS.some((kind) => kinds.includes(kind)) ||
    !/^(?:virtio|msix|discovery|gce)\/|^hard\/(?!UART)/.test(clause)
  );
}

/** The one kind of devices, none of virtio's, that a clause is about. */
export function ownKindOf(clause: ClauseId): OwnKind | undefined {
  return OWN_KINDS.find((kind) => OF_KIND[kind].test(clause));
}

/** The one type of virtio devices that a clause is about; undefined for several, or none. */
export function typeOf(clause: ClauseId): VirtioType | undefined {
  return VIRTIO_KINDS.find((type) => OF_TYPE[type].test(clause));
}

/** Of their functions, on Compute Engine and on QEMU. */
const CLASSES: Readonly<Record<VirtioType, readonly number[]>> = {
  net: [0x02_00_00],
  scsi: [0x00_00_00, 0x01_00_00],
  balloon: [0x00_ff_00],
  rng: [0x00_ff_00],
};
/** Revisions that a modern device may have. */
export const REVISIONS = [0x00, 0x01, 0x02, 0xff];
const NO_ID = { vendor: 0, device: 0, revision: 0, subsystemVendor: VIRTIO_VENDOR_ID, subsystem: 0 };
const { vendor, device, subsystem, class: gvnicClass } = GVNIC_ID;
/** Both forms of it. */
const GVNICS = [device, MAILBOX_DEVICE_ID].map((id) => ({
  ...{ vendor, device: id, class: gvnicClass, revision: 0 },
  ...{ subsystemVendor: vendor, subsystem },
}));
const IDS: Readonly<Record<OwnKind, readonly PciId[]>> = {
  gvnic: GVNICS,
  nvme: [{ ...NVME_ID, subsystemVendor: NVME_ID.vendor, subsystem: 0 }],
};
/** Milliseconds. */
const ENOUGH = 1000;

/** The types that one of the drivers takes. All, if that cannot be learned: one may take none, or not return, by mistake. */
export function typesOf(drivers: readonly Driver<unknown>[]): readonly (VirtioType | OwnKind)[] {
  if (drivers.length === 0) return [];
  try {
    const taken = within(ENOUGH, () => [
      ...VIRTIO_KINDS.filter((type) => takesType(drivers, type)),
      ...OWN_KINDS.filter((kind) => takesOwn(drivers, kind)),
    ]);
    return taken.length === 0 ? VIRTIO_KINDS : taken;
  } catch (error) {
    if (error instanceof Overrun) return VIRTIO_KINDS;
    throw error;
  }
}

/** The devices, none of virtio's, that the drivers are for. One that takes any of the base class may be for others. */
export function meantKindsOf(drivers: readonly Driver<unknown>[]): readonly OwnKind[] {
  return OWN_KINDS.filter((kind) => takesOwn(drivers, kind) && !takes(drivers, strangerTo(IDS[kind][0]!)));
}

function takesOwn(drivers: readonly Driver<unknown>[], kind: OwnKind): boolean {
  return IDS[kind].some((id) => takes(drivers, id));
}

/** Of no vendor, and of the subclass for what is in no other. */
function strangerTo(id: PciId): PciId {
  return { ...id, vendor: 0, device: 0, class: (id.class & 0xff_0000) | 0x8000 };
}

function takesType(drivers: readonly Driver<unknown>[], type: VirtioType): boolean {
  return CLASSES[type].some((kind) => {
    const id = { ...NO_ID, class: kind };
    const ids = [asTransitional(id, type), ...REVISIONS.map((revision) => asModern(id, type, revision))];
    return ids.some((one) => takes(drivers, one));
  });
}

export function asModern(id: PciId, type: keyof typeof VIRTIO_ID, revision: number): PciId {
  const device = MODERN_ID + VIRTIO_ID[type];
  return { ...id, vendor: VIRTIO_VENDOR_ID, device, revision, subsystem: device };
}

export function asTransitional(id: PciId, type: keyof typeof VIRTIO_ID): PciId {
  const [device, subsystem] = [TRANSITIONAL_ID[type], VIRTIO_ID[type]];
  return { ...id, vendor: VIRTIO_VENDOR_ID, device, revision: 0, subsystem };
}

/**
 * Whether one of them would take a function with this identity. A driver that throws for an identity that is not present
 * does not.
 */
export function takes(drivers: readonly Driver<unknown>[], id: PciId): boolean {
  return drivers.some((driver) => {
    try {
      return driver.matches(id);
    } catch {
      return false;
    }
  });
}
