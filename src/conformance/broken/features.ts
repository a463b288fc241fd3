import { BitSet } from '../../core/bit-set.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { virtioNet, virtioRng } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { qemuPc } from '../../machine/qemu-pc.ts';
import type { ClauseId } from '../../rules/index.ts';
import {
  type NET_ADVISED,
  type NET_DEPENDENCIES,
  NET_NEEDS,
  withNeeds,
} from '../../virtio/net/dependency-registers.ts';
import { NET_FEATURE } from '../../virtio/net/registers.ts';
import {
  DEVICE_FEATURES,
  DRIVER_FEATURES,
  FEATURE,
  foreignFeatures,
  RESERVED_FEATURES,
  VIRTIO_ID,
} from '../../virtio/registers.ts';
import {
  device_feature,
  device_feature_select,
  device_status,
} from '../../virtio/transport/modern/registers.ts';
import type { DriverModel } from '../model/model.ts';
import { FRAME } from '../reference.ts';
import { meetUndefinedFeatures } from '../scenarios/undefined-features.ts';
import { answerHeader, rewriteHeader } from './behind.ts';
import { overlooks, rewriteAccepted, takes } from './behind-features.ts';
import { CommonRegister, rewriteCommon } from './behind-modern.ts';
import { type BrokenDriver, breaking, brokenModernRng, modernMachine } from './broken-driver.ts';

type Name = keyof typeof NET_FEATURE;
type Dependent = keyof typeof NET_DEPENDENCIES | keyof typeof NET_ADVISED;

const { FAILED, FEATURES_OK } = device_status.mask;
/** The legacy interface has no more. */
const LEGACY_BITS = 32;
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
  ['virtio/NET-FEAT-D5', 'GUEST_USO4'],
  ['virtio/NET-FEAT-D6', 'GUEST_USO6'],
  ['virtio/NET-FEAT-D7', 'GUEST_UDP_TUNNEL_GSO'],
  ['virtio/NET-FEAT-D8', 'GUEST_UDP_TUNNEL_GSO_CSUM'],
  ['virtio/NET-FEAT-D9', 'HOST_TSO4'],
  ['virtio/NET-FEAT-D10', 'HOST_TSO6'],
  ['virtio/NET-FEAT-D11', 'HOST_ECN'],
  ['virtio/NET-FEAT-D12', 'HOST_UFO'],
  ['virtio/NET-FEAT-D13', 'HOST_USO'],
  ['virtio/NET-FEAT-D14', 'HOST_UDP_TUNNEL_GSO'],
  ['virtio/NET-FEAT-D15', 'HOST_UDP_TUNNEL_GSO_CSUM'],
  ['virtio/NET-FEAT-D16', 'CTRL_RX'],
  ['virtio/NET-FEAT-D17', 'CTRL_VLAN'],
  ['virtio/NET-FEAT-D18', 'GUEST_ANNOUNCE'],
  ['virtio/NET-FEAT-D19', 'MQ'],
  ['virtio/NET-FEAT-D20', 'CTRL_MAC_ADDR'],
  ['virtio/NET-FEAT-D21', 'NOTF_COAL'],
  ['virtio/NET-FEAT-D22', 'RSC_EXT'],
  ['virtio/NET-FEAT-D23', 'RSS'],
  ['virtio/NET-FEAT-D24', 'VQ_NOTF_COAL'],
  ['virtio/NET-FEAT-D25', 'HASH_TUNNEL'],
  ['virtio/NET-FEAT-D26', 'RSS_CONTEXT'],
  ['virtio/NET-CFG-D13', 'HASH_REPORT'],
  ['virtio/NET-CFG-D14', 'CTRL_RX_EXTRA'],
];

/** Accepts `name` without all that it needs, and nothing else that depends on what is left out. */
function takesAlone(clause: ClauseId, name: Dependent): BrokenDriver {
  const left: readonly Name[] = restingOn(NET_NEEDS[name]!.at(-1)!);
  const taken = withNeeds([name]).filter((one) => one === name || !left.includes(one));
  const take = (accepted: number, word: number) => (accepted & ~maskOf(left, word)) | maskOf(taken, word);
  const legacy = NET_FEATURE[name] < LEGACY_BITS;
  const machine = () => gceN1({ ...(!legacy && { virtio: 'modern' }), nics: [{ offer: [name] }] });
  return breaking(polledNet, (nic) => nic.post(FRAME), machine)(`takes ${name} alone`, clause, (port, bdf) =>
    legacy
      ? rewriteHeader(port, bdf, DRIVER_FEATURES, (accepted) => take(accepted, 0) >>> 0)
      : rewriteAccepted(port, bdf, take),
  );
}

/** These, and what needs one of them. */
function restingOn(names: readonly Name[]): readonly Name[] {
  const all = new Set(names);
  for (const _ of all)
    for (const [name, lists] of Object.entries(NET_NEEDS) as [Name, readonly (readonly Name[])[]][])
      if (lists.some((others) => others.every((other) => all.has(other)))) all.add(name);
  return [...all];
}

/** Those of them that lie in one word of 32. */
function maskOf(names: readonly Name[], word: number): number {
  return BitSet.of(names.map((name) => NET_FEATURE[name])).words[word]!;
}

/** Ignores a feature of the card that it would take. */
function leaves(clause: ClauseId, name: Name): BrokenDriver {
  const machine = () => gceN1({ virtio: 'modern', nics: [{ offer: [name] }] });
  return breaking(polledNet, (nic) => nic.post(FRAME), machine)(`leaves ${name}`, clause, (port, bdf) =>
    overlooks(port, bdf, NET_FEATURE[name]),
  );
}

/** Ignores a feature of the transport that it would take. */
function overlooking(clause: ClauseId, bit: keyof typeof FEATURE, options: MachineOptions): BrokenDriver {
  return brokenModernRng(options)(`overlooks ${bit}`, clause, (port, bdf) => overlooks(port, bdf, F[bit]));
}

/** Is put off by feature bits that it does not know: it comes up on a device as it was, and on one with undefined bits. */
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

export const BROKEN_FEATURES: readonly BrokenDriver[] = [
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
  leaves('virtio/NET-CFG-D2', 'MAC'),
  leaves('virtio/NET-CFG-D7', 'MTU'),
  leaves('virtio/NET-CFG-D10', 'STANDBY'),
  leaves('virtio/NET-TX-D32', 'GUEST_HDRLEN'),
];
