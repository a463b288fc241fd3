import type { Dependency } from '../features/agreement.ts';
import { NET_FEATURE } from './registers.ts';

type Name = keyof typeof NET_FEATURE;

/**
 * Features that need others: one of each list (virtio 1.4, Feature bit requirements). For RSC_EXT the requirements name
 * the transmit features, but the section on receiving means the receive features.
 */
export const NET_DEPENDENCIES = {
  GUEST_TSO4: [['GUEST_CSUM']],
  GUEST_TSO6: [['GUEST_CSUM']],
  GUEST_ECN: [['GUEST_TSO4', 'GUEST_TSO6']],
  GUEST_UFO: [['GUEST_CSUM']],
  GUEST_USO4: [['GUEST_CSUM']],
  GUEST_USO6: [['GUEST_CSUM']],
  GUEST_UDP_TUNNEL_GSO: [['GUEST_TSO4'], ['GUEST_TSO6'], ['GUEST_USO4'], ['GUEST_USO6']],
  GUEST_UDP_TUNNEL_GSO_CSUM: [['GUEST_UDP_TUNNEL_GSO']],
  HOST_TSO4: [['CSUM']],
  HOST_TSO6: [['CSUM']],
  HOST_ECN: [['HOST_TSO4', 'HOST_TSO6']],
  HOST_UFO: [['CSUM']],
  HOST_USO: [['CSUM']],
  HOST_UDP_TUNNEL_GSO: [['HOST_TSO4'], ['HOST_TSO6'], ['HOST_USO']],
  HOST_UDP_TUNNEL_GSO_CSUM: [['HOST_UDP_TUNNEL_GSO']],
  CTRL_RX: [['CTRL_VQ']],
  CTRL_VLAN: [['CTRL_VQ']],
  GUEST_ANNOUNCE: [['CTRL_VQ']],
  MQ: [['CTRL_VQ']],
  CTRL_MAC_ADDR: [['CTRL_VQ']],
  NOTF_COAL: [['CTRL_VQ']],
  RSC_EXT: [['HOST_TSO4', 'HOST_TSO6', 'GUEST_TSO4', 'GUEST_TSO6']],
  RSS: [['CTRL_VQ']],
  VQ_NOTF_COAL: [['CTRL_VQ']],
  HASH_TUNNEL: [['CTRL_VQ'], ['RSS', 'HASH_REPORT']],
  RSS_CONTEXT: [['CTRL_VQ'], ['RSS']],
} as const satisfies { readonly [Feature in Name]?: readonly (readonly Name[])[] };

/** The same for dependencies that are only recommended (virtio 1.4, Device configuration layout). */
export const NET_ADVISED = {
  HASH_REPORT: [['CTRL_VQ']],
  CTRL_RX_EXTRA: [['CTRL_VQ']],
} as const satisfies { readonly [Feature in Name]?: readonly (readonly Name[])[] };

/** The same for dependencies without a clause, that only commands have. */
const NET_COMMANDED = {
  CTRL_GUEST_OFFLOADS: [['CTRL_VQ']],
  DEVICE_STATS: [['CTRL_VQ']],
} as const satisfies { readonly [Feature in Name]?: readonly (readonly Name[])[] };

/** All features of these tables, by name. */
export const NET_NEEDS: { readonly [Feature in Name]?: readonly (readonly Name[])[] } = {
  ...NET_DEPENDENCIES,
  ...NET_ADVISED,
  ...NET_COMMANDED,
};

/** Features that a card may refuse, by bit. */
export const NET_DEPENDENCY_BITS: readonly Dependency[] = (
  Object.keys(NET_DEPENDENCIES) as (keyof typeof NET_DEPENDENCIES)[]
).flatMap((name) =>
  NET_DEPENDENCIES[name].map((others) => ({
    bit: NET_FEATURE[name],
    needs: others.map((other) => NET_FEATURE[other]),
  })),
);

/** These, and the first of each list that they need. */
export function withNeeds(names: readonly Name[]): Name[] {
  const all = new Set(names);
  // Features added here are visited later: iteration over a Set includes elements added meanwhile.
  for (const name of all)
    for (const others of NET_NEEDS[name] ?? [])
      if (!others.some((other) => all.has(other))) all.add(others[0]!);
  return [...all];
}
