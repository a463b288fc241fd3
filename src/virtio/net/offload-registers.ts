import type { BitSet } from '../../core/bit-set.ts';
import type { Joins } from '../../net/offload/index.ts';
import { NET_FEATURE } from './registers.ts';

const F = NET_FEATURE;

/** Bits of the mask of GUEST_OFFLOADS_SET, and the feature of each (virtio 1.4, Offloads State Configuration). */
const OFFLOADS: readonly (readonly [at: number, feature: number])[] = [
  [1, F.GUEST_CSUM],
  [7, F.GUEST_TSO4],
  [8, F.GUEST_TSO6],
  [9, F.GUEST_ECN],
  [10, F.GUEST_UFO],
  [46, F.GUEST_UDP_TUNNEL_GSO],
  [47, F.GUEST_UDP_TUNNEL_GSO_CSUM],
  [54, F.GUEST_USO4],
  [55, F.GUEST_USO6],
];

/** Bits that the command may set, as two words. */
export function offloadsOf(accepted: BitSet): readonly [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const [at, feature] of OFFLOADS)
    if (accepted.has(feature)) {
      if (at < 32) low += 2 ** at;
      else high += 2 ** (at - 32);
    }
  return [low, high];
}

/** The offloads of a guest with these switched on, as two words; null without GUEST_CSUM, which all others need. */
export function joinsOf(low: number, high: number, accepted: BitSet): Joins | null {
  const on = (feature: number) =>
    OFFLOADS.some(([at, of]) => of === feature && ((at < 32 ? low >>> at : high >>> (at - 32)) & 1) !== 0);
  if (!on(F.GUEST_CSUM)) return null;
  return {
    tcp4: on(F.GUEST_TSO4),
    tcp6: on(F.GUEST_TSO6),
    udp4: on(F.GUEST_USO4),
    udp6: on(F.GUEST_USO6),
    fragments: on(F.GUEST_UFO),
    tunnels: on(F.GUEST_UDP_TUNNEL_GSO),
    tunnelSums: on(F.GUEST_UDP_TUNNEL_GSO_CSUM),
    ecn: on(F.GUEST_ECN),
    acks: accepted.has(F.RSC_EXT),
  };
}
