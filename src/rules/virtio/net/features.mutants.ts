import { rewriteHeader } from '../../../conformance/broken/behind.ts';
import { overlooks, rewriteAccepted } from '../../../conformance/broken/behind-features.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../../conformance/reference.ts';
import { BitSet } from '../../../core/bit-set.ts';
import { virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import {
  type NET_ADVISED,
  type NET_DEPENDENCIES,
  NET_NEEDS,
  withNeeds,
} from '../../../virtio/net/dependency-registers.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { DRIVER_FEATURES } from '../../../virtio/registers.ts';
import type { ClauseId } from '../../index.ts';

type Name = keyof typeof NET_FEATURE;
type Dependent = keyof typeof NET_DEPENDENCIES | keyof typeof NET_ADVISED;

/** The legacy interface has no more. */
const LEGACY_BITS = 32;
const polledNet = virtioNet({ interrupts: 'polled' });
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

export const MUTANTS: readonly BrokenDriver[] = [
  ...DEPENDENTS.map(([clause, name]) => takesAlone(clause, name)),
  leaves('virtio/NET-CFG-D2', 'MAC'),
  leaves('virtio/NET-CFG-D7', 'MTU'),
  leaves('virtio/NET-CFG-D10', 'STANDBY'),
  leaves('virtio/NET-TX-D32', 'GUEST_HDRLEN'),
];
