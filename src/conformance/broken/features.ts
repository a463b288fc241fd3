import { virtioNet } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { qemuPc } from '../../machine/qemu-pc.ts';
import type { ClauseId } from '../../rules/index.ts';
import { NET_DEPENDENCIES, NET_FEATURE } from '../../virtio/net/registers.ts';
import {
  DEVICE_FEATURES,
  DRIVER_FEATURES,
  FEATURE,
  foreignFeatures,
  RESERVED_FEATURES,
  VIRTIO_ID,
} from '../../virtio/registers.ts';
import { FRAME } from '../reference.ts';
import { answerHeader, rewriteHeader } from './behind.ts';
import { overlooks, takes } from './behind-features.ts';
import { type BrokenDriver, breaking, brokenModernRng } from './broken-driver.ts';

type Dependent = keyof typeof NET_DEPENDENCIES;

const BAITS: MachineOptions = { reservedFeatures: true };
const F = FEATURE;
const polledNet = virtioNet({ interrupts: 'polled' });
/** A transitional driver, of a transitional function that offers ANY_LAYOUT and bit 30. */
const brokenQemuNet = breaking(
  virtioNet({ interrupts: 'polled', legacy: true }),
  (nic) => nic.post(FRAME),
  () => qemuPc({ virtio: 'transitional' }),
);

/** Which features of a NIC a driver may not take without others. */
const DEPENDENTS: readonly (readonly [ClauseId, Dependent])[] = [
  ['virtio/NET-FEAT-D1', 'GUEST_TSO4'],
  ['virtio/NET-FEAT-D2', 'GUEST_TSO6'],
  ['virtio/NET-FEAT-D3', 'GUEST_ECN'],
  ['virtio/NET-FEAT-D4', 'GUEST_UFO'],
  ['virtio/NET-FEAT-D9', 'HOST_TSO4'],
  ['virtio/NET-FEAT-D10', 'HOST_TSO6'],
  ['virtio/NET-FEAT-D11', 'HOST_ECN'],
  ['virtio/NET-FEAT-D12', 'HOST_UFO'],
  ['virtio/NET-FEAT-D16', 'CTRL_RX'],
  ['virtio/NET-FEAT-D17', 'CTRL_VLAN'],
  ['virtio/NET-FEAT-D18', 'GUEST_ANNOUNCE'],
  ['virtio/NET-FEAT-D19', 'MQ'],
  ['virtio/NET-FEAT-D20', 'CTRL_MAC_ADDR'],
];

/** Takes `name` and nothing that it needs, nor what else needs that. */
function takesAlone(clause: ClauseId, name: Dependent): BrokenDriver {
  const needs: readonly (keyof typeof NET_FEATURE)[] = NET_DEPENDENCIES[name];
  const others = (Object.keys(NET_DEPENDENCIES) as Dependent[]).filter((other) =>
    NET_DEPENDENCIES[other].some((need) => needs.includes(need)),
  );
  const left = maskOf([...needs, ...others]);
  const machine = () => gceN1({ nics: [{ offer: [name] }] });
  return breaking(polledNet, (nic) => nic.post(FRAME), machine)(`takes ${name} alone`, clause, (port, bdf) =>
    rewriteHeader(port, bdf, DRIVER_FEATURES, (value) => (value & ~left) | maskOf([name])),
  );
}

function maskOf(names: readonly (keyof typeof NET_FEATURE)[]): number {
  return names.reduce((mask, name) => mask | (1 << NET_FEATURE[name]), 0);
}

/** Does not see a feature of the transport that it would take. */
function overlooking(clause: ClauseId, bit: keyof typeof FEATURE, options: MachineOptions): BrokenDriver {
  return brokenModernRng(options)(`overlooks ${bit}`, clause, (port, bdf) => overlooks(port, bdf, F[bit]));
}

export const BROKEN_FEATURES: readonly BrokenDriver[] = [
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
  ...DEPENDENTS.map(([clause, name]) => takesAlone(clause, name)),
];
