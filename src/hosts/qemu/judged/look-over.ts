import type { GuestPort } from '../../../core/guest-port.ts';
import {
  barAddress,
  configRead,
  enumerate,
  findCapability,
  findStructures,
  readRegister,
  writeRegister,
} from '../../../guest/index.ts';
import { CAPABILITY_ID, COMMAND, MSIX_CONTROL } from '../../../pci/registers.ts';
import { DEVICE_FEATURES, QUEUE_SELECT, QUEUE_SIZE, VIRTIO_VENDOR_ID } from '../../../virtio/registers.ts';
import {
  device_feature,
  device_feature_select,
  num_queues,
  queue_select,
  queue_size,
} from '../../../virtio/transport/modern/registers.ts';

const { IO_SPACE, MEMORY_SPACE } = COMMAND.mask;
/** Words of features that QEMU has. */
const WORDS = 4;
/** More than a legacy device of QEMU has by default. */
const LEGACY_QUEUES = 64;
const IDS = [CAPABILITY_ID.MSIX, CAPABILITY_ID.VENDOR];

/** Reads all that a shadow has to know of functions: identity, sizes, offered features, and number of queues. */
export function lookOver(port: GuestPort): void {
  for (const { bdf, id } of enumerate(port)) {
    configRead(port, bdf, 0, 4);
    configRead(port, bdf, 8, 4);
    if (id.vendor !== VIRTIO_VENDOR_ID) continue;
    for (const capability of IDS) lookAtCapability(port, bdf, capability);
    const command = readRegister(port, bdf, COMMAND);
    writeRegister(port, bdf, COMMAND, command | IO_SPACE | MEMORY_SPACE);
    lookAtLegacy(port, bdf);
    lookAtModern(port, bdf);
    writeRegister(port, bdf, COMMAND, command);
  }
}

function lookAtCapability(port: GuestPort, bdf: number, id: number): void {
  const at = findCapability(port, bdf, id);
  if (at === null) return;
  configRead(port, bdf, at, 2);
  if (id === CAPABILITY_ID.MSIX) readRegister(port, bdf, MSIX_CONTROL, at);
}

function lookAtLegacy(port: GuestPort, bdf: number): void {
  const bar = barAddress(port, bdf, 0);
  if (bar?.kind !== 'io') return;
  port.in(bar.address + DEVICE_FEATURES.offset, 4);
  for (let queue = 0; queue < LEGACY_QUEUES; queue++) {
    port.out(bar.address + QUEUE_SELECT.offset, queue, 2);
    if (port.in(bar.address + QUEUE_SIZE.offset, 2) === 0) break;
  }
  port.out(bar.address + QUEUE_SELECT.offset, 0, 2);
}

function lookAtModern(port: GuestPort, bdf: number): void {
  const common = findStructures(port, bdf)?.common;
  if (common === undefined) return;
  for (let word = 0; word < WORDS; word++) {
    port.write(common + device_feature_select.offset, word, 4);
    port.read(common + device_feature.offset, 4);
  }
  port.write(common + device_feature_select.offset, 0, 4);
  const queues = port.read(common + num_queues.offset, 2);
  for (let queue = 0; queue < queues; queue++) {
    port.write(common + queue_select.offset, queue, 2);
    port.read(common + queue_size.offset, 2);
  }
  port.write(common + queue_select.offset, 0, 2);
}
