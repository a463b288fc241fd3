import type { Rule, Rules } from '../../../core/rule.ts';
import {
  type NET_ADVISED,
  type NET_DEPENDENCIES,
  NET_NEEDS,
} from '../../../virtio/net/dependency-registers.ts';
import { NET_FEATURE } from '../../../virtio/net/registers.ts';
import { type FeatureKnows, take } from '../init/features.ts';

const REQUIREMENTS = 'virtio 1.4, Feature bit requirements';
const CONFIG_LAYOUT = 'virtio 1.4, Device configuration layout';
const TRANSMISSION = 'virtio 1.4, Packet Transmission';

type Feature = keyof typeof NET_FEATURE;
type Row = Rule<FeatureKnows, 'agreed'>;

const ALL: readonly number[] = Object.values(NET_FEATURE);
const bitOf = (name: Feature): string => `${name} (${NET_FEATURE[name]})`;
const joined = (lists: readonly (readonly string[])[]): string =>
  lists.map((others) => others.join(' or ')).join(' and ');

/** What `name` needs and was not accepted. */
function missing({ wanted }: FeatureKnows, name: Feature): readonly (readonly Feature[])[] {
  return NET_NEEDS[name]!.filter((others) => !others.some((other) => wanted.has(NET_FEATURE[other])));
}

/** `name` is accepted only together with what it needs. */
function needs(name: keyof typeof NET_DEPENDENCIES | keyof typeof NET_ADVISED, advised = false): Row {
  const others = NET_NEEDS[name]!;
  return {
    where: advised ? CONFIG_LAYOUT : REQUIREMENTS,
    text: `A driver ${advised ? 'SHOULD' : 'MUST'} NOT accept ${name} unless it accepts ${joined(others)}.`,
    advice: `Accept ${joined(others.map((list) => list.map(bitOf)))} as well, or do not accept ${bitOf(name)}.`,
    on: 'agreed',
    when: (k) => k.wanted.has(NET_FEATURE[name]),
    kept: (k) => missing(k, name).length === 0,
    said: (k) =>
      `${bitOf(name)} was accepted without ${joined(missing(k, name).map((list) => list.map(bitOf)))}`,
    since: (k) => k.offerAt,
    // No device offers a feature without those that it needs.
    follows: ['virtio/FEAT-D1'],
    apart: (k) => k.offered.has(NET_FEATURE[name]),
  };
}

/** `name` is accepted where it is offered. A driver that accepts none of a card's features is not judged. */
function takes(name: Feature, where: string, advice: string): Row {
  const bit = NET_FEATURE[name];
  return {
    where,
    text: `A driver SHOULD accept ${name} if it is offered.`,
    advice,
    ...take(bit, name),
    when: (k) => k.offered.has(bit) && ALL.some((any) => k.wanted.has(any)),
  };
}

/** Rules on which features of a NIC need others, and which a driver should accept. */
export const NET_FEATURE_RULES = {
  'virtio/NET-FEAT-D1': needs('GUEST_TSO4'),
  'virtio/NET-FEAT-D2': needs('GUEST_TSO6'),
  'virtio/NET-FEAT-D3': needs('GUEST_ECN'),
  'virtio/NET-FEAT-D4': needs('GUEST_UFO'),
  'virtio/NET-FEAT-D5': needs('GUEST_USO4'),
  'virtio/NET-FEAT-D6': needs('GUEST_USO6'),
  'virtio/NET-FEAT-D7': needs('GUEST_UDP_TUNNEL_GSO'),
  'virtio/NET-FEAT-D8': needs('GUEST_UDP_TUNNEL_GSO_CSUM'),
  'virtio/NET-FEAT-D9': needs('HOST_TSO4'),
  'virtio/NET-FEAT-D10': needs('HOST_TSO6'),
  'virtio/NET-FEAT-D11': needs('HOST_ECN'),
  'virtio/NET-FEAT-D12': needs('HOST_UFO'),
  'virtio/NET-FEAT-D13': needs('HOST_USO'),
  'virtio/NET-FEAT-D14': needs('HOST_UDP_TUNNEL_GSO'),
  'virtio/NET-FEAT-D15': needs('HOST_UDP_TUNNEL_GSO_CSUM'),
  'virtio/NET-FEAT-D16': needs('CTRL_RX'),
  'virtio/NET-FEAT-D17': needs('CTRL_VLAN'),
  'virtio/NET-FEAT-D18': needs('GUEST_ANNOUNCE'),
  'virtio/NET-FEAT-D19': needs('MQ'),
  'virtio/NET-FEAT-D20': needs('CTRL_MAC_ADDR'),
  'virtio/NET-FEAT-D21': needs('NOTF_COAL'),
  'virtio/NET-FEAT-D22': needs('RSC_EXT'),
  'virtio/NET-FEAT-D23': needs('RSS'),
  'virtio/NET-FEAT-D24': needs('VQ_NOTF_COAL'),
  'virtio/NET-FEAT-D25': needs('HASH_TUNNEL'),
  'virtio/NET-FEAT-D26': needs('RSS_CONTEXT'),
  'virtio/NET-CFG-D13': needs('HASH_REPORT', true),
  'virtio/NET-CFG-D14': needs('CTRL_RX_EXTRA', true),
  'virtio/NET-CFG-D2': takes('MAC', CONFIG_LAYOUT, 'Accept MAC (5): the address is in the configuration.'),
  'virtio/NET-CFG-D7': takes(
    'MTU',
    CONFIG_LAYOUT,
    'Accept MTU (3): the longest payload that gets through is in the configuration.',
  ),
  'virtio/NET-CFG-D10': takes(
    'STANDBY',
    CONFIG_LAYOUT,
    'Accept STANDBY (62) if the driver can stand in for another card; waive this if it cannot.',
  ),
  'virtio/NET-TX-D32': takes(
    'GUEST_HDRLEN',
    TRANSMISSION,
    'Accept GUEST_HDRLEN (59) if the driver knows how long the headers of a frame are; waive this if not.',
  ),
} as const satisfies Rules<FeatureKnows, 'agreed'>;
