import { bytesText } from '../../../../core/bits.ts';
import type { Rules } from '../../../../core/rule.ts';
import { NET_FEATURE, NET_HDR_F_SECURITY, NET_HDR_GSO } from '../../../../virtio/net/registers.ts';
import { isCut, longest } from './cuts.ts';
import { type ClaimKnows, type ClaimMoment, fields } from './knows.ts';

const { IPSEC } = NET_FEATURE;

/** Rules on the length of frames to be secured against what the network carries, without what the card adds. */
export const SECURED_LENGTH = {
  'virtio/NET-IPSEC-D8': {
    strength: 'MUST',
    where: 'virtio 1.4, IPsec Operation',
    text: 'Outbound IPsec frames stay within the path MTU',
    advice: 'Leave room for what ESP adds: the card cuts nothing that it secures.',
    on: 'claimed',
    when: (k) =>
      k.accepted.has(IPSEC) &&
      (k.sent.flags & NET_HDR_F_SECURITY) !== 0 &&
      k.carried !== null &&
      k.at.version !== 0 &&
      (k.gso === NET_HDR_GSO.NONE || isCut(k)),
    kept: (k) => longest(k) <= k.carried!,
    said: (k) => `a packet of ${bytesText(longest(k))} was to be secured, and the path carries ${k.carried}`,
    facts: fields,
  },
} as const satisfies Rules<ClaimKnows, ClaimMoment>;
