import { hex } from '../../../../core/bits.ts';
import type { Rules } from '../../../../core/rule.ts';
import { IPSEC_CAPS, NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import { virtio_crypto_resource_obj_ipsec_sa as sa } from '../../../../virtio/net/registers/ipsec.ts';
import { NET_FEATURE } from '../../../../virtio/net/registers.ts';
import { leftOut } from './association.ts';
import type { AdminKnows, AdminMoment } from './knows.ts';

const { IPSEC } = NET_FEATURE;
const { IPSEC_OUTB_SA, IPSEC_INB_SA } = NET_OBJECT;
const OPERATION = 'virtio 1.4, IPsec Operation';
const TYPES: readonly number[] = [IPSEC_OUTB_SA, IPSEC_INB_SA];

const CAPABILITIES = 'IPSEC_RESOURCE and IPSEC_SA';
const isAbout = (k: AdminKnows) => k.accepted.has(IPSEC) && (isCapability(k) || TYPES.includes(k.type));
const isMade = (k: AdminKnows) => k.accepted.has(IPSEC) && k.isNew && TYPES.includes(k.type);

/** Rules of security associations, which are objects that a driver makes by the administration virtqueue. */
export const SECURITY = {
  'virtio/NET-IPSEC-D2': {
    strength: 'MUST',
    where: OPERATION,
    text: 'Query the capability id list first',
    advice: 'Send CAP_ID_LIST_QUERY before anything that has to do with IPsec: the card may not have it.',
    on: ['capability', 'object'],
    when: isAbout,
    kept: (k) => k.listed !== null,
    said: (k) => `${subjectOf(k)} before the list of capabilities was asked for`,
    once: true,
  },
  'virtio/NET-IPSEC-D3': {
    strength: 'MUST',
    where: OPERATION,
    text: 'Fetch both IPsec capabilities when they are listed',
    advice: `Send DEVICE_CAP_GET for ${CAPABILITIES}, and set no more than is offered.`,
    on: ['capability', 'object'],
    when: (k) => (isCapability(k) ? k.sets && isAbout(k) : isMade(k)) && isListed(k),
    kept: (k) =>
      isCapability(k) ? k.readIds.has(k.capability) : IPSEC_CAPS.every((id) => k.readIds.has(id)),
    said: (k) => `${subjectOf(k)} before DEVICE_CAP_GET had brought ${missing(k.readIds)}`,
    once: true,
  },
  'virtio/NET-IPSEC-D4': {
    strength: 'MUST',
    where: OPERATION,
    text: 'Set both IPsec capabilities to state what is used',
    advice: `Send DRIVER_CAP_SET for ${CAPABILITIES} after each reset, and wait for OK.`,
    on: 'object',
    when: isMade,
    kept: (k) => IPSEC_CAPS.every((id) => k.set.has(id)),
    said: (k) => `${subjectOf(k)} before DRIVER_CAP_SET had told of ${missing(k.set)}`,
  },
  'virtio/NET-IPSEC-D5': {
    strength: 'MUST',
    where: OPERATION,
    text: 'Outbound SA create fills in every parameter',
    advice:
      'Fill in mode, direction, SPI, algorithms with their keys and, in tunnel mode, the addresses of its ends.',
    on: 'object',
    when: (k) => k.accepted.has(IPSEC) && k.type === IPSEC_OUTB_SA,
    kept: (k) => leftOut(k.body, 'outbound').length === 0,
    said: (k) =>
      `outbound security association ${k.id} has no right ${leftOut(k.body, 'outbound').join(', ')}`,
  },
  'virtio/NET-IPSEC-D6': {
    strength: 'MUST',
    where: OPERATION,
    text: 'Inbound SA create fills in all but the tunnel parameters',
    advice:
      'Fill in mode, direction, SPI and algorithms with their keys; what the tunnel is the packets say.',
    on: 'object',
    when: (k) => k.accepted.has(IPSEC) && k.type === IPSEC_INB_SA,
    kept: (k) => leftOut(k.body, 'inbound').length === 0,
    said: (k) => `inbound security association ${k.id} has no right ${leftOut(k.body, 'inbound').join(', ')}`,
  },
  'virtio/NET-IPSEC-D7': {
    strength: 'SHOULD NOT',
    where: OPERATION,
    text: 'No two inbound SAs with one SPI',
    advice: 'Choose an SPI that no inbound association has, and destroy the old one before it is used again.',
    on: 'object',
    when: (k) => k.accepted.has(IPSEC) && k.type === IPSEC_INB_SA && others(k).length > 0,
    kept: (k) => !others(k).some((id) => k.objects.inbound.get(id) === spiOf(k)),
    said: (k) => `inbound security association ${k.id} has SPI ${hex(spiOf(k), 8)}, as another has`,
  },
} as const satisfies Rules<AdminKnows, AdminMoment>;

function isCapability({ capability }: AdminKnows): boolean {
  return IPSEC_CAPS.includes(capability);
}

function isListed({ listed }: AdminKnows): boolean {
  return listed !== null && IPSEC_CAPS.every((id) => listed.has(id));
}

function subjectOf(k: AdminKnows): string {
  if (!isCapability(k)) return 'a security association was created';
  return `${missing(new Set(IPSEC_CAPS.filter((id) => id !== k.capability)))} was ${k.sets ? 'set' : 'read'}`;
}

/** Names of the capabilities that are not in `there`. */
function missing(there: ReadonlySet<number>): string {
  return ['IPSEC_RESOURCE', 'IPSEC_SA'].filter((_, i) => !there.has(IPSEC_CAPS[i]!)).join(' and ');
}

function others({ objects, id }: AdminKnows): number[] {
  return [...objects.inbound.keys()].filter((other) => other !== id);
}

function spiOf({ body }: AdminKnows): number {
  return body.u32(sa.offset.spi);
}
