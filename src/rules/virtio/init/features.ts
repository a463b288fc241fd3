import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Rule, Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { FEATURE, RESERVED_FEATURES, UNDESCRIBED_FEATURES } from '../../../virtio/registers.ts';

const FEATURE_BITS = 'virtio 1.4, Feature Bits';
const RESERVED = 'virtio 1.4, Reserved Feature Bits';

/** What the rules of features know, when the driver closes the negotiation. */
export interface FeatureKnows extends Knows {
  readonly offered: BitSet;
  /** As the driver wrote them: also what was not offered, which a device drops. */
  readonly wanted: BitSet;
  /** Bits of the upper range of device types that this one does not define. */
  readonly foreign: readonly number[];
  readonly offerAt: Mark;
}

type FeatureMoment = 'agreed';
type Row = Rule<FeatureKnows, FeatureMoment>;
/** The members that each row has of its own. */
type Words = 'strength' | 'where' | 'text' | 'advice';

const OFFERED_FOR_NOTHING =
  'Accept only bits that the driver knows the meaning of, whatever else is offered.';

/** The first of the bits of `among` that is in the set, if there is one. */
function some(set: BitSet, among: readonly number[]): number | undefined {
  return among.find((bit) => set.has(bit));
}

/** None of the bits that `among` names is accepted: an offer of them means nothing. */
function leaveAlone(among: (k: FeatureKnows) => readonly number[]): Omit<Row, Words> {
  return {
    on: 'agreed',
    when: (k) => some(k.offered, among(k)) !== undefined,
    kept: (k) => some(k.wanted, among(k)) === undefined,
    said: (k) => `bit ${some(k.wanted, among(k))} was accepted`,
    since: (k) => k.offerAt,
  };
}

/** `bit` is accepted where it is offered. */
export function take(bit: number, name: string): Omit<Row, Words> {
  return {
    on: 'agreed',
    when: (k) => k.offered.has(bit),
    kept: (k) => k.wanted.has(bit),
    said: () => `${name} was offered and not accepted`,
    since: (k) => k.offerAt,
  };
}

/** The same for a feature that all device types have. */
const takeOf = (name: keyof typeof FEATURE) => take(FEATURE[name], name);

/** Rules of the bits that no driver may accept, by either interface. */
export const FEATURES = {
  'virtio/FEAT-D5': {
    strength: 'MUST NOT',
    where: FEATURE_BITS,
    text: 'Do not accept a bit the specification does not describe',
    advice: OFFERED_FOR_NOTHING,
    ...leaveAlone(() => UNDESCRIBED_FEATURES),
  },
  'virtio/FEAT-D6': {
    strength: 'MUST NOT',
    where: FEATURE_BITS,
    text: 'Do not accept a bit marked reserved',
    advice: OFFERED_FOR_NOTHING,
    ...leaveAlone(() => RESERVED_FEATURES),
  },
  'virtio/FEAT-D8': {
    strength: 'MUST NOT',
    where: FEATURE_BITS,
    text: 'Do not accept a bit not defined for this device type',
    advice: 'Know the features of each device type apart: below 24 and from 50 up they differ.',
    ...leaveAlone((k) => k.foreign),
  },
} as const satisfies Rules<FeatureKnows, FeatureMoment>;

/** Rules on device-independent bits for drivers of the modern interface. */
export const MODERN_FEATURES = {
  'virtio/RFEAT-D1': {
    strength: 'MUST',
    where: RESERVED,
    text: 'Accept VERSION_1 when offered',
    advice: 'Read and write features with select 1 too: VERSION_1 is bit 0 of the second word.',
    ...takeOf('VERSION_1'),
  },
  'virtio/RFEAT-D2': {
    strength: 'SHOULD',
    where: RESERVED,
    text: 'Accept ACCESS_PLATFORM when offered',
    advice:
      "Accept bit 33, and give the device the addresses that the platform's DMA interface has for it. Without an IOMMU these are plain ones.",
    ...takeOf('ACCESS_PLATFORM'),
  },
  'virtio/RFEAT-D5': {
    strength: 'SHOULD',
    where: RESERVED,
    text: 'Accept RING_PACKED when offered',
    advice: 'Accept bit 34 if the driver has packed rings; one that has split rings only may waive this.',
    ...takeOf('RING_PACKED'),
  },
  'virtio/RFEAT-D6': {
    strength: 'SHOULD',
    where: RESERVED,
    text: 'Accept ORDER_PLATFORM when offered',
    advice: 'Accept bit 36, and order stores and kicks with the barriers that real hardware needs.',
    ...takeOf('ORDER_PLATFORM'),
  },
  'virtio/RFEAT-D8': {
    strength: 'MUST NOT',
    where: RESERVED,
    text: 'Do not negotiate SR_IOV without a PCI SR-IOV capability',
    advice: 'Accept bit 37 only on a function that has the SR-IOV extended capability.',
    on: 'agreed',
    // None of our functions has the capability, so the bit is only offered as a test.
    when: (k) => k.offered.has(FEATURE.SR_IOV),
    kept: (k) => !k.wanted.has(FEATURE.SR_IOV),
    said: () => 'SR_IOV was accepted',
    since: (k) => k.offerAt,
  },
  'virtio/RFEAT-D10': {
    strength: 'SHOULD',
    where: RESERVED,
    text: 'Accept NOTIF_CONFIG_DATA when offered',
    advice: 'Accept bit 39, read queue_notif_config_data of each queue, and kick with that.',
    ...takeOf('NOTIF_CONFIG_DATA'),
  },
} as const satisfies Rules<FeatureKnows, FeatureMoment>;
