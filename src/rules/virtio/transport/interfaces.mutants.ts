import { headerAddress } from '../../../conformance/broken/behind.ts';
import { capabilityOf, passOver, readWindow } from '../../../conformance/broken/behind-capabilities.ts';
import { rewriteCommon, structuresOf } from '../../../conformance/broken/behind-modern.ts';
import {
  type BrokenDriver,
  breaking,
  brokenModernNet,
  brokenModernRng,
} from '../../../conformance/broken/broken-driver.ts';
import { misreadConfig, mistakeFor } from '../../../conformance/broken/misreads.ts';
import { FRAME } from '../../../conformance/reference.ts';
import { configWrite, virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { BAR_COUNT, STATUS } from '../../../pci/registers.ts';
import { virtio_net_config } from '../../../virtio/net/registers.ts';
import { QUEUE_SELECT } from '../../../virtio/registers.ts';
import {
  CAP_BAR,
  CFG_TYPE,
  device_status,
  VIRTIO_PCI_CAP,
  virtio_pci_cap,
} from '../../../virtio/transport/modern/registers.ts';

const { COMMON, NOTIFY } = VIRTIO_PCI_CAP;
const { DRIVER_OK } = device_status.mask;
/** The SCSI adapter, 00:03.0, whose structures lie where those of a network card do. */
const ADAPTER = 0x18;
/** The BAR of the structures. */
const BAR = 4;
/** Bytes that one queue takes of the notify structure. */
const ONE_QUEUE = 4;

/** By its seed the entropy device has two notify structures, or two common ones, of which the first is unusual or not. */
const brokenDecoyed = (seed: number) => brokenModernRng({ capabilityDecoys: true, seed });
const brokenTwin = brokenDecoyed(1);
const brokenLong = brokenDecoyed(3);
/** And a notify structure behind BAR 0c, of which three bits are a 4. */
const brokenPadded = brokenDecoyed(5);

const brokenTransitional = breaking(
  virtioNet({ interrupts: 'polled' }),
  (nic) => nic.post(FRAME),
  () => gceN1({ virtio: 'transitional' }),
);

/** Mistakes in finding the modern interface, and in choosing one. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenPadded('takes a reserved type for notify', 'virtio/PCI-CAP-D1', (port, bdf) => {
    const reserved = capabilityOf(port, bdf, ({ type }) => type > VIRTIO_PCI_CAP.PCI);
    return misreadConfig(port, bdf, CFG_TYPE, NOTIFY, reserved.at);
  }),
  brokenTwin('takes the second notify structure', 'virtio/PCI-CAP-D2', (port, bdf) =>
    passOver(port, bdf, ({ type }) => type === NOTIFY),
  ),
  brokenPadded('wants a capability of the size it knows', 'virtio/PCI-CAP-D3', (port, bdf) =>
    passOver(port, bdf, ({ type, size }) => type === COMMON && size !== virtio_pci_cap.size),
  ),
  brokenPadded('takes three bits of a BAR', 'virtio/PCI-CAP-D4', (port, bdf) => {
    const { at, bar } = capabilityOf(port, bdf, (capability) => capability.bar >= BAR_COUNT);
    return misreadConfig(port, bdf, CAP_BAR, bar & 7, at);
  }),
  brokenLong('wants a structure of the length it knows', 'virtio/PCI-CAP-D6', (port, bdf) =>
    passOver(port, bdf, ({ type, length }) => type === NOTIFY && length !== ONE_QUEUE),
  ),
  brokenModernNet('writes its name into a capability', 'virtio/PCI-CAP-D7', (port, bdf) => {
    const { at } = capabilityOf(port, bdf, ({ type }) => type === COMMON);
    configWrite(port, bdf, at + virtio_pci_cap.offset.id, 1, 1);
    return port;
  }),
  brokenModernNet('reads a field that its card does not have', 'virtio/PCI-CAP-IMP-1', (port, bdf) => {
    port.read(structuresOf(port, bdf).device! + virtio_net_config.offset.speed, 4);
    return port;
  }),
  brokenModernNet('reads across fields by the window', 'virtio/PCI-CFGACC-D1', (port, bdf) => {
    readWindow(port, bdf, { bar: BAR, offset: 2, length: 4 });
    return port;
  }),
  brokenModernNet('reads beside the structures by the window', 'virtio/PCI-CFGACC-D2', (port, bdf) => {
    readWindow(port, bdf, { bar: BAR, offset: 0x40, length: 4 });
    return port;
  }),
  brokenModernNet('knows where the structures of another function are', 'virtio/PCI-LEGDET-D3', (port, bdf) =>
    mistakeFor(port, bdf, ADAPTER),
  ),
  brokenTransitional('reads the legacy header of what it uses as modern', 'virtio/PCI-LEG-D1', (port, bdf) =>
    rewriteCommon(port, bdf, device_status, (value) => {
      if (value & DRIVER_OK) port.in(headerAddress(port, bdf) + QUEUE_SELECT.offset, 2);
      return value;
    }),
  ),
  brokenTransitional('does not look for virtio capabilities', 'virtio/PCI-LEGDET-D1', (port, bdf) =>
    misreadConfig(port, bdf, STATUS, 0),
  ),
];
