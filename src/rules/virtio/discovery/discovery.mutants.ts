import { capabilityOf } from '../../../conformance/broken/behind-capabilities.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../../conformance/reference.ts';
import type { Driver, PciId } from '../../../core/driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { findCapability, identify, readRegister, virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { CAPABILITY_ID, MSIX_CONTROL, REVISION_ID } from '../../../pci/registers.ts';
import { VIRTIO_VENDOR_ID } from '../../../virtio/registers.ts';
import { VIRTIO_PCI_CAP } from '../../../virtio/transport/modern/registers.ts';
import type { ClauseId } from '../../index.ts';

const net = virtioNet({ interrupts: 'polled' });
/** Of a network card by the modern interface alone, and by both. */
const [MODERN, TRANSITIONAL] = [0x1041, 0x1000];
const NETWORK_CLASS = 0x02;
/** Of the configuration of a network card as virtio 1.0 had it. */
const KNOWN_LENGTH = 12;
/** Transmit, receive and control. */
const QUEUES = 3;

/** The good network driver, which takes fewer functions than it should. */
function picky(
  name: string,
  clause: ClauseId,
  machine: () => Machine,
  matches: (id: PciId) => boolean,
): BrokenDriver {
  // Only which functions it takes matters here.
  const driver: Driver<unknown> = { name, matches, attach: (port, bdf) => identify(port, bdf) };
  return { clause, machine, model: { name, drivers: [driver], run: () => {} } };
}

const onNet = (options: MachineOptions) =>
  breaking(
    net,
    (nic) => nic.post(FRAME),
    () => gceN1({ virtio: 'modern', ...options }),
  );
const onFew = breaking(
  net,
  (nic) => nic.post(FRAME),
  () => gceN1({ msix: { vectors: 1 } }),
);

/** Mistakes in which functions a driver takes, and what values it tolerates. */
export const MUTANTS: readonly BrokenDriver[] = [
  picky(
    'knows the transitional ID alone',
    'virtio/PCI-DISC-D1',
    () => gceN1({ virtio: 'modern' }),
    ({ device }) => device === TRANSITIONAL,
  ),
  picky(
    'knows the modern ID alone',
    'virtio/PCI-DISC-D2',
    () => gceN1({ virtio: 'transitional' }),
    ({ device }) => device === MODERN,
  ),
  picky(
    'wants revision 1',
    'virtio/PCI-DISC-D3',
    () => gceN1({ virtio: 'modern' }),
    ({ device, revision }) => device === TRANSITIONAL || (device === MODERN && revision === 1),
  ),
  picky(
    'wants at least revision 1',
    'virtio/PCI-DISC-D3',
    () => gceN1({ virtio: 'modern' }),
    ({ device, revision }) => device === TRANSITIONAL || (device === MODERN && revision >= 1),
  ),
  picky('looks for another vendor', 'discovery/NOTHING', gceN1, ({ vendor }) => vendor === 0x1af5),
  picky(
    'looks for a class that the disks of Compute Engine do not have',
    'discovery/NOTHING',
    gceN1,
    (id) => id.class >> 16 === 0x01,
  ),
  picky(
    'looks for the programming interface of another card',
    'discovery/NOTHING',
    gceN1,
    (id) => id.class >> 16 === NETWORK_CLASS && (id.class & 0xff) !== 0,
  ),
  picky(
    'takes whatever has the Device ID',
    'discovery/VENDOR',
    () => gceN1({ strangers: true }),
    ({ device }) => device === TRANSITIONAL || device === MODERN,
  ),
  picky(
    'takes whatever is of the vendor',
    'discovery/DEVICE',
    () => gceN1({ strangers: true }),
    ({ vendor }) => vendor === VIRTIO_VENDOR_ID,
  ),
  onFew(
    'wants a vector for each queue',
    'virtio/MSIX-D1',
    demands(vectorsOf, (vectors) => vectors >= QUEUES),
  ),
  onNet({ msix: { table: 2048 } })(
    'has room for 64 vectors',
    'virtio/MSIX-D1',
    demands(vectorsOf, (vectors) => vectors <= 64),
  ),
  onNet({ configTail: 1024 })(
    'has room for 256 bytes of configuration',
    'virtio/CFG-D4',
    demands(configLengthOf, (length) => length <= 256),
  ),
  onNet({ configTail: 3 })(
    'wants a configuration of the length it knows',
    'virtio/CFG-D5',
    demands(configLengthOf, (length) => length === KNOWN_LENGTH),
  ),
  onNet({ revision: 0 })(
    'takes revision 0 for a legacy device',
    'discovery/REVISION',
    demands(revisionOf, (revision) => revision > 0),
  ),
];

/** A driver that rejects a function for one of its values. */
function demands(read: (port: GuestPort, bdf: number) => number, likes: (value: number) => boolean) {
  return (port: GuestPort, bdf: number): GuestPort => {
    const value = read(port, bdf);
    if (!likes(value)) throw new Error(`${value} is not what the driver knows`);
    return port;
  };
}

function vectorsOf(port: GuestPort, bdf: number): number {
  const at = findCapability(port, bdf, CAPABILITY_ID.MSIX)!;
  return MSIX_CONTROL.decode(readRegister(port, bdf, MSIX_CONTROL, at)).TABLE_SIZE + 1;
}

function configLengthOf(port: GuestPort, bdf: number): number {
  return capabilityOf(port, bdf, ({ type }) => type === VIRTIO_PCI_CAP.DEVICE).length;
}

function revisionOf(port: GuestPort, bdf: number): number {
  return readRegister(port, bdf, REVISION_ID);
}
