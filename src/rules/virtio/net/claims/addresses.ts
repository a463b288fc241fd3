import { bytesText, macText } from '../../../../core/bits.ts';
import type { Rules } from '../../../../core/rule.ts';
import { ETHERTYPE, ethernet, vlan_tag } from '../../../../net/frame/headers.ts';
import { NET_FEATURE, NET_HDR_GSO } from '../../../../virtio/net/registers.ts';
import { isCut, isWholePacket, longest } from './cuts.ts';
import { type ClaimKnows, type ClaimMoment, fields } from './knows.ts';

const { MAC } = NET_FEATURE;
const { source } = ethernet.offset;
/** In the first byte of an address: locally administered; a group's. */
const [LOCAL, GROUP] = [2, 1];
const CONFIGURATION_LAYOUT = 'virtio 1.4, Device configuration layout';

/** Rules on a frame's source addresses, and on its length against what the network carries. */
export const ADDRESSES = {
  'virtio/NET-CFG-D3': {
    where: CONFIGURATION_LAYOUT,
    text: 'A driver that accepted MAC MUST use the address in the device configuration (checked if it never reads that address).',
    advice: 'Read the six bytes of mac, and send from that address.',
    on: 'first',
    when: (k) => k.accepted.has(MAC),
    kept: (k) => k.macRead || isFrom(k, k.mac()),
    said: (k) =>
      `a frame was sent from ${macText(sourceOf(k))}, and ${macText(k.mac())} in the configuration was not read`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-CFG-D4': {
    where: CONFIGURATION_LAYOUT,
    text: 'A driver that did not accept MAC SHOULD choose a locally administered address.',
    advice: 'Set bit 1 and clear bit 0 of the first byte of an address that you generate.',
    on: 'first',
    when: (k) => !k.accepted.has(MAC),
    kept: (k) => (sourceOf(k)[0]! & (LOCAL | GROUP)) === LOCAL,
    said: (k) => `a frame was sent from ${macText(sourceOf(k))}, without MAC`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'virtio/NET-CFG-D9': {
    where: CONFIGURATION_LAYOUT,
    text: 'A driver that accepted MTU MUST NOT send a frame longer than mtu plus the Ethernet header, unless GSO cuts it.',
    advice: 'Cut or fragment what is longer than mtu, have the card cut it, or do not accept MTU (3).',
    on: 'bounded',
    kept: (k) => payload(k) <= k.mtu,
    said: (k) =>
      `a frame of ${bytesText(payload(k))} behind its Ethernet header was sent, but mtu is ${k.mtu}`,
    facts: fields,
    since: (k) => k.negotiatedAt,
  },
  'gce/NET-MTU': {
    // A network may be configured to carry more; the card does not tell.
    where: 'Compute Engine: Virtual Private Cloud, maximum transmission unit',
    text: 'Send no packet longer than the 1460 bytes that a Compute Engine network carries by default.',
    advice: 'Use the MTU that DHCP returns, and keep gso_size at most that MTU less the headers.',
    on: 'frame',
    when: (k) =>
      k.carried !== null &&
      k.at.version !== 0 &&
      (k.gso === NET_HDR_GSO.NONE || (isCut(k) && !isWholePacket(k))),
    kept: (k) => longest(k) <= k.carried!,
    said: (k) => `a packet of ${bytesText(longest(k))} was sent, but the network carries ${k.carried}`,
    facts: fields,
  },
} as const satisfies Rules<ClaimKnows, ClaimMoment>;

/** The frame is of the driver's own protocols: IP or ARP. */
export function speaksForItself({ at }: ClaimKnows): boolean {
  return at.version !== 0 || at.type === ETHERTYPE.ARP;
}

/** Bytes behind Ethernet and its tags. */
function payload({ sent, at }: ClaimKnows): number {
  return sent.frame.length - ethernet.size - at.tags * vlan_tag.size;
}

function sourceOf({ sent }: ClaimKnows): Uint8Array {
  return sent.frame.subarray(source, ethernet.offset.ethertype);
}

function isFrom(k: ClaimKnows, mac: Uint8Array): boolean {
  return sourceOf(k).every((byte, i) => byte === mac[i]);
}
