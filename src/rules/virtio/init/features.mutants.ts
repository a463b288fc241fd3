import { answerHeader, headerAddress, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { overlooks, rewriteAccepted, takes } from '../../../conformance/broken/behind-features.ts';
import { CommonRegister, rewriteCommon } from '../../../conformance/broken/behind-modern.ts';
import {
  type BrokenDriver,
  breaking,
  brokenModernRng,
  brokenNet,
  modernMachine,
} from '../../../conformance/broken/broken-driver.ts';
import type { DriverModel } from '../../../conformance/model/model.ts';
import { FRAME } from '../../../conformance/reference.ts';
import { meetUndefinedFeatures } from '../../../conformance/scenarios/features.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet, virtioRng } from '../../../guest/index.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { qemuPc } from '../../../machine/qemu-pc.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import {
  DEVICE_FEATURES,
  DRIVER_FEATURES,
  FEATURE,
  foreignFeatures,
  RESERVED_FEATURES,
  VIRTIO_ID,
} from '../../../virtio/registers.ts';
import {
  device_feature,
  device_feature_select,
  device_status,
  driver_feature,
  driver_feature_select,
} from '../../../virtio/transport/modern/registers.ts';
import type { ClauseId } from '../../index.ts';

const { FAILED, FEATURES_OK } = device_status.mask;
const HOST_UFO = 1 << NET_FEATURE.HOST_UFO;
const BAITS: MachineOptions = { reservedFeatures: true };
const F = FEATURE;

/** A transitional driver, of a transitional function that offers ANY_LAYOUT and bit 30. */
const brokenQemuNet = breaking(
  virtioNet({ interrupts: 'polled', legacy: true }),
  (nic) => nic.post(FRAME),
  () => qemuPc({ virtio: 'transitional' }),
);

/** Ignores a feature of the transport that it would take. */
function overlooking(clause: ClauseId, bit: keyof typeof FEATURE, options: MachineOptions): BrokenDriver {
  return brokenModernRng(options)(`overlooks ${bit}`, clause, (port, bdf) => overlooks(port, bdf, F[bit]));
}

/** Is put off by feature bits that it does not know. */
function putOff(
  name: string,
  clause: ClauseId,
  mistake: (port: GuestPort, bdf: number) => GuestPort,
): BrokenDriver {
  const rng = virtioRng({ interrupts: 'polled' });
  const run: DriverModel['run'] = (port, _handles, machine) =>
    meetUndefinedFeatures(machine, () => {
      for (const { name: device, fn } of machine.virtio)
        if (device === 'rng0') rng.attach(mistake(port, fn.bdf), fn.bdf).read(32);
    });
  return {
    model: { name, drivers: [], run },
    clause,
    machine: modernMachine({ ...BAITS, ringFeatures: ['INDIRECT_DESC'] }),
  };
}

/** Whether any of them is offered. */
function offersAny(port: GuestPort, bdf: number, bits: readonly number[]): boolean {
  const select = new CommonRegister(port, bdf, device_feature_select);
  const offer = new CommonRegister(port, bdf, device_feature);
  return [0, 1].some((word) => {
    select.write(word);
    return bits.some((bit) => bit >> 5 === word && ((offer.read() >>> (bit & 31)) & 1) !== 0);
  });
}

/** It is dropped wherever the driver accepts it. */
function withoutVersion(port: GuestPort, bdf: number): GuestPort {
  return rewriteAccepted(port, bdf, (accepted, word) => (word === 1 ? accepted & ~1 : accepted));
}

function acceptVersion(port: GuestPort, bdf: number): void {
  if (!offersAny(port, bdf, [F.VERSION_1])) return;
  new CommonRegister(port, bdf, driver_feature_select).write(1);
  new CommonRegister(port, bdf, driver_feature).write(1);
}

export const MUTANTS: readonly BrokenDriver[] = [
  // Accepts a feature of its choice, offered or not: UFO, which no device here offers any more.
  brokenNet('accepts a feature that was not offered', 'virtio/FEAT-D1', (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value | HOST_UFO) >>> 0),
  ),
  // Accepts all that it was offered, undefined decoy bits among them.
  brokenNet('accepts everything offered', 'virtio/FEAT-D5', (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, () =>
      port.in(headerAddress(port, bdf) + DEVICE_FEATURES.offset, 4),
    ),
  ),
  putOff('takes less of a device that offers more', 'virtio/FEAT-D4', (port, bdf) =>
    rewriteAccepted(port, bdf, (accepted, word) =>
      word === 0 && offersAny(port, bdf, RESERVED_FEATURES) ? accepted & ~(1 << F.INDIRECT_DESC) : accepted,
    ),
  ),
  putOff('gives up where it does not know a feature', 'virtio/FEAT-D11', (port, bdf) =>
    rewriteCommon(port, bdf, device_status, (value) => {
      if (!(value & FEATURES_OK) || !offersAny(port, bdf, RESERVED_FEATURES)) return value;
      new CommonRegister(port, bdf, device_status).write((value & ~FEATURES_OK) | FAILED);
      throw new Error('there is a feature that it does not know');
    }),
  ),
  brokenModernRng(BAITS)('accepts a reserved feature', 'virtio/FEAT-D6', (port, bdf) =>
    takes(port, bdf, RESERVED_FEATURES),
  ),
  brokenModernRng(BAITS)('accepts a feature of another device type', 'virtio/FEAT-D8', (port, bdf) =>
    takes(port, bdf, foreignFeatures(VIRTIO_ID.rng)),
  ),
  brokenModernRng({ ringFeatures: ['SR_IOV'] })('accepts SR_IOV', 'virtio/RFEAT-D8', (port, bdf) =>
    takes(port, bdf, [F.SR_IOV]),
  ),
  overlooking('virtio/RFEAT-D1', 'VERSION_1', {}),
  // As littlekernel did in August 2026.
  brokenModernRng({})('accepts VERSION_1, and resets the device then', 'virtio/INIT-D3', (port, bdf) =>
    rewriteCommon(withoutVersion(port, bdf), bdf, device_status, (value) => {
      if (value === 0) acceptVersion(port, bdf);
      return value;
    }),
  ),
  overlooking('virtio/RFEAT-D2', 'ACCESS_PLATFORM', { ringFeatures: ['ACCESS_PLATFORM'] }),
  overlooking('virtio/RFEAT-D5', 'RING_PACKED', { ringFeatures: ['RING_PACKED'] }),
  overlooking('virtio/RFEAT-D6', 'ORDER_PLATFORM', { ringFeatures: ['ORDER_PLATFORM'] }),
  overlooking('virtio/RFEAT-D10', 'NOTIF_CONFIG_DATA', { ringFeatures: ['NOTIF_CONFIG_DATA'] }),
  brokenQemuNet('overlooks ANY_LAYOUT', 'virtio/RFEAT-LEG-D1', (port, bdf) =>
    answerHeader(port, bdf, DEVICE_FEATURES, (ask) => (ask() & ~(1 << F.ANY_LAYOUT)) >>> 0),
  ),
  brokenQemuNet('accepts bit 30', 'virtio/RFEAT-LEG-D2', (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value | (1 << F.UNUSED_30)) >>> 0),
  ),
];
