import type { Rule, Rules } from '../../../core/rule.ts';
import { NET_DEPENDENCIES, NET_FEATURE } from '../../../virtio/net/registers.ts';
import { type FeatureKnows, needsOther } from '../init/features.ts';

const SECTION = 'virtio 1.4, Feature bit requirements';
/** No device offers a feature without what it rests on. */
const UNOFFERED = ['virtio/FEAT-D1'] as const;

function needs(
  name: keyof typeof NET_DEPENDENCIES,
): Pick<Rule<FeatureKnows, 'agreed'>, 'on' | 'when' | 'kept' | 'said' | 'since' | 'follows'> {
  return { ...needsOther(NET_FEATURE, name, NET_DEPENDENCIES[name]), follows: UNOFFERED };
}

/** Which features of a NIC rest on which. */
export const NET_DEPENDENCY_RULES = {
  'virtio/NET-FEAT-D1': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'GUEST_TSO4 only together with GUEST_CSUM',
    advice: 'Accept GUEST_CSUM (1) too, or leave GUEST_TSO4 (7).',
    ...needs('GUEST_TSO4'),
  },
  'virtio/NET-FEAT-D2': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'GUEST_TSO6 only together with GUEST_CSUM',
    advice: 'Accept GUEST_CSUM (1) too, or leave GUEST_TSO6 (8).',
    ...needs('GUEST_TSO6'),
  },
  'virtio/NET-FEAT-D3': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'GUEST_ECN only with GUEST_TSO4 or GUEST_TSO6',
    advice: 'Accept GUEST_TSO4 (7) or GUEST_TSO6 (8) too, or leave GUEST_ECN (9).',
    ...needs('GUEST_ECN'),
  },
  'virtio/NET-FEAT-D4': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'GUEST_UFO only together with GUEST_CSUM',
    advice: 'Accept GUEST_CSUM (1) too, or leave GUEST_UFO (10).',
    ...needs('GUEST_UFO'),
  },
  'virtio/NET-FEAT-D9': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'HOST_TSO4 only together with CSUM',
    advice: 'Accept CSUM (0) too, or leave HOST_TSO4 (11).',
    ...needs('HOST_TSO4'),
  },
  'virtio/NET-FEAT-D10': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'HOST_TSO6 only together with CSUM',
    advice: 'Accept CSUM (0) too, or leave HOST_TSO6 (12).',
    ...needs('HOST_TSO6'),
  },
  'virtio/NET-FEAT-D11': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'HOST_ECN only with HOST_TSO4 or HOST_TSO6',
    advice: 'Accept HOST_TSO4 (11) or HOST_TSO6 (12) too, or leave HOST_ECN (13).',
    ...needs('HOST_ECN'),
  },
  'virtio/NET-FEAT-D12': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'HOST_UFO only together with CSUM',
    advice: 'Accept CSUM (0) too, or leave HOST_UFO (14).',
    ...needs('HOST_UFO'),
  },
  'virtio/NET-FEAT-D16': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'CTRL_RX only together with CTRL_VQ',
    advice: 'Accept CTRL_VQ (17) too, by whose queue the commands go, or leave CTRL_RX (18).',
    ...needs('CTRL_RX'),
  },
  'virtio/NET-FEAT-D17': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'CTRL_VLAN only together with CTRL_VQ',
    advice: 'Accept CTRL_VQ (17) too, by whose queue the commands go, or leave CTRL_VLAN (19).',
    ...needs('CTRL_VLAN'),
  },
  'virtio/NET-FEAT-D18': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'GUEST_ANNOUNCE only together with CTRL_VQ',
    advice:
      'Accept CTRL_VQ (17) too, by whose queue the announcement is acknowledged, or leave GUEST_ANNOUNCE (21).',
    ...needs('GUEST_ANNOUNCE'),
  },
  'virtio/NET-FEAT-D19': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'MQ only together with CTRL_VQ',
    advice: 'Accept CTRL_VQ (17) too, by whose queue pairs are enabled, or leave MQ (22).',
    ...needs('MQ'),
  },
  'virtio/NET-FEAT-D20': {
    strength: 'MUST NOT',
    where: SECTION,
    text: 'CTRL_MAC_ADDR only together with CTRL_VQ',
    advice: 'Accept CTRL_VQ (17) too, by whose queue the address is set, or leave CTRL_MAC_ADDR (23).',
    ...needs('CTRL_MAC_ADDR'),
  },
} as const satisfies Rules<FeatureKnows, 'agreed'>;
