import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Rule, Rules, Words } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { FEATURE, RESERVED_FEATURES, UNDESCRIBED_FEATURES } from '../../../virtio/registers.ts';

const FEATURE_BITS = 'virtio 1.4, Feature Bits';
const RESERVED = 'virtio 1.4, Reserved Feature Bits';

/** What the rules of features know, when the driver closes the negotiation. */
export interface FeatureKnows extends Knows {
  readonly offered: BitSet;
  /** As the driver wrote them: also what was not offered, which a device drops. */
  readonly wanted: BitSet;
  /** What it wrote before DRIVER, and the reset behind it took back. */
  readonly lost: BitSet;
  /** Bits of the upper range of device types that this one does not define. */
  readonly foreign: readonly number[];
  readonly offerAt: Mark;
}

type FeatureMoment = 'agreed';
type Row = Rule<FeatureKnows, FeatureMoment>;

const OFFERED_FOR_NOTHING = 'Accept only bits that the driver knows, whatever else is offered.';

/** The first of the bits of `among` that is in the set, if there is one. */
function some(set: BitSet, among: readonly number[]): number | undefined {
  return among.find((bit) => set.has(bit));
}

/** None of the bits that `among` names is accepted: an offer of them means nothing. */
function leaveAlone(among: (k: FeatureKnows) => readonly number[]): Omit<Row, keyof Words> {
  return {
    on: 'agreed',
    when: (k) => some(k.offered, among(k)) !== undefined,
    kept: (k) => some(k.wanted, among(k)) === undefined,
    said: (k) => `bit ${some(k.wanted, among(k))} was accepted`,
    since: (k) => k.offerAt,
  };
}

/** `bit` is accepted where it is offered. */
export function take(bit: number, name: string): Omit<Row, keyof Words> {
  return {
    on: 'agreed',
    when: (k) => k.offered.has(bit),
    kept: (k) => k.wanted.has(bit),
    said: (k) =>
      k.lost.has(bit)
        ? `${name} was accepted before the reset, which takes that back, and not behind it`
        : `${name} was offered and not accepted`,
    since: (k) => k.offerAt,
  };
}

/** The same for a feature that all device types have. */
const takeOf = (name: keyof typeof FEATURE) => take(FEATURE[name], name);

/** Rules of the bits that no driver may accept, by either interface. */
export const FEATURES = {
  'virtio/FEAT-D5': {
    where: FEATURE_BITS,
    text: 'A driver MUST NOT accept a feature bit that the specification does not describe.',
    advice: OFFERED_FOR_NOTHING,
    ...leaveAlone(() => UNDESCRIBED_FEATURES),
  },
  'virtio/FEAT-D6': {
    where: FEATURE_BITS,
    text: 'A driver MUST NOT accept a feature bit that is reserved.',
    advice: OFFERED_FOR_NOTHING,
    ...leaveAlone(() => RESERVED_FEATURES),
  },
  'virtio/FEAT-D8': {
    where: FEATURE_BITS,
    text: 'A driver MUST NOT accept a feature bit that is not defined for the device type.',
    advice: 'Keep the features of each device type apart: bits below 24 and from 50 up differ.',
    ...leaveAlone((k) => k.foreign),
  },
} as const satisfies Rules<FeatureKnows, FeatureMoment>;

/**
 * Rules on device-independent bits for drivers of the modern interface. The standard says SHOULD of all that MUST does not
 * stand at; a bit that a driver leaves, because it lacks what that stands for, is a note, and harms nothing.
 */
export const MODERN_FEATURES = {
  'virtio/RFEAT-D1': {
    where: RESERVED,
    text: 'A driver MUST accept VERSION_1 if it is offered.',
    advice: 'Read and write features with select 1, too: VERSION_1 is bit 0 of the second word.',
    ...takeOf('VERSION_1'),
    follows: ['virtio/INIT-D3'],
    apart: (k) => !k.lost.has(FEATURE.VERSION_1),
  },
  'virtio/RFEAT-D2': {
    where: RESERVED,
    text: 'A driver SHOULD accept ACCESS_PLATFORM if it is offered.',
    advice:
      "Accept bit 33, and give the device the addresses of the platform's DMA interface. Without an IOMMU these are physical addresses.",
    ...takeOf('ACCESS_PLATFORM'),
  },
  'virtio/RFEAT-D5': {
    where: RESERVED,
    text: 'Use RING_PACKED if it is offered.',
    advice: 'Accept bit 34 if the driver has packed rings; one that has split rings alone conforms, too.',
    ...takeOf('RING_PACKED'),
  },
  'virtio/RFEAT-D6': {
    where: RESERVED,
    text: 'Use ORDER_PLATFORM if it is offered.',
    advice: 'Accept bit 36, and order stores and kicks with the barriers that real hardware needs.',
    ...takeOf('ORDER_PLATFORM'),
  },
  'virtio/RFEAT-D8': {
    where: RESERVED,
    text: 'A driver MUST NOT negotiate SR_IOV for a function without a PCI SR-IOV capability.',
    advice: 'Accept bit 37 only on a function that has the SR-IOV extended capability.',
    on: 'agreed',
    // None of our functions has the capability, so the bit is only offered as a test.
    when: (k) => k.offered.has(FEATURE.SR_IOV),
    kept: (k) => !k.wanted.has(FEATURE.SR_IOV),
    said: () => 'SR_IOV was accepted',
    since: (k) => k.offerAt,
  },
  'virtio/RFEAT-D10': {
    where: RESERVED,
    text: 'Use NOTIF_CONFIG_DATA if it is offered.',
    advice: 'Accept bit 39, read queue_notif_config_data of each queue, and kick with that value.',
    ...takeOf('NOTIF_CONFIG_DATA'),
  },
} as const satisfies Rules<FeatureKnows, FeatureMoment>;
