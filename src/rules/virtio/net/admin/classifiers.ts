import { hex } from '../../../../core/bits.ts';
import type { Rules } from '../../../../core/rule.ts';
import { ETHERTYPE } from '../../../../net/frame/headers.ts';
import { NET_CAP, NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import {
  FF_MASK_F_PARTIAL_MASK,
  FF_MASK_TYPE,
  readSelectors,
  type Selector,
} from '../../../../virtio/net/registers/flow-filters.ts';
import type { AdminKnows, AdminMoment } from './knows.ts';
import { type FilterRule, readRule } from './net-objects.ts';

const { ETH, IPV4, IPV6, TCP, UDP, ESP } = FF_MASK_TYPE;
const { FF_CLASSIFIER, FF_RULE } = NET_OBJECT;
const FLOW_FILTER = 'virtio 1.4, Flow filter';

/**
 * Bits of each field of a header that a selector is about, in header order. Where bits are matched one by one, each is
 * a field: the control bits of TCP (virtio 1.4, Flow filter). The traffic class is two fields: DSCP and ECN.
 */
const FIELDS: Readonly<Record<number, readonly number[]>> = {
  [FF_MASK_TYPE.ETH]: [48, 48, 16],
  [FF_MASK_TYPE.IPV4]: [4, 4, 6, 2, 16, 16, 3, 13, 8, 8, 16, 32, 32],
  [FF_MASK_TYPE.IPV6]: [4, 6, 2, 20, 16, 8, 8, 128, 128],
  [FF_MASK_TYPE.TCP]: [16, 16, 32, 32, 4, ...new Array<number>(12).fill(1), 16, 16, 16],
  [FF_MASK_TYPE.UDP]: [16, 16, 16, 16],
  [FF_MASK_TYPE.ESP]: [32, 32],
};

/** Whether a mask has all bits or none of each field. True for an unknown header. */
function hasWholeFields({ type, mask }: Selector): boolean {
  let bit = 0;
  const fields = FIELDS[type] ?? [];
  return fields.every((bits) => {
    const from = bit;
    bit += bits;
    return Array.from({ length: bits }, (_, i) => isSet(mask, from + i)).every((on, _, all) => on === all[0]);
  });
}

/** Bits count from the first on the wire. */
function isSet(mask: Uint8Array, bit: number): boolean {
  return ((mask[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
}

const TYPES = Object.fromEntries(Object.entries(FF_MASK_TYPE).map(([name, type]) => [type, name]));
/** The types that may come first, second and third. ESP is named in the description of classifiers. */
const ORDER = [[ETH], [IPV4, IPV6], [UDP, TCP, ESP]] as const;

/** Offsets of EtherType in the first header, and of the protocol field in the second. */
const ETHERTYPE_AT = 12;
const PROTOCOL_AT: Readonly<Record<number, number>> = { [IPV4]: 9, [IPV6]: 6 };
const ETHERTYPES: Readonly<Record<number, number>> = { [IPV4]: ETHERTYPE.IPV4, [IPV6]: ETHERTYPE.IPV6 };
const PROTOCOLS: Readonly<Record<number, number>> = { [TCP]: 6, [UDP]: 17, [ESP]: 50 };

/** Rules on classifiers, and on the keys of rules by them. */
export const CLASSIFIERS = {
  'virtio/NET-FF-D8': {
    where: FLOW_FILTER,
    text: 'A driver MUST order the selectors of a classifier as ETH, then IPv4 or IPv6, then UDP, TCP or ESP.',
    advice: 'Begin with an ETH selector, with an empty mask if need be, and omit no header.',
    on: 'object',
    when: (k) => k.type === FF_CLASSIFIER && selectorsOf(k).length > 0,
    kept: (k) => astray(selectorsOf(k)) === undefined,
    said: (k) => `the selectors of classifier ${k.id} are ${namesOf(selectorsOf(k))}`,
  },
  'virtio/NET-FF-D9': {
    where: FLOW_FILTER,
    text: 'A driver MUST mask EtherType and Protocol or Next Header fully in a classifier with several selectors.',
    advice:
      'Set all bits of EtherType if a second selector follows, and all bits of the protocol if a third follows.',
    on: 'object',
    when: (k) => k.type === FF_CLASSIFIER && selectorsOf(k).length > 1,
    kept: (k) => openField(selectorsOf(k)) === null,
    said: (k) =>
      `the mask of classifier ${k.id} leaves ${openField(selectorsOf(k))} open, but a selector follows`,
  },
  'virtio/NET-FF-D10': {
    where: FLOW_FILTER,
    text: 'A driver MUST write the EtherType that matches the IP selector to the key of a rule.',
    advice: 'Write 0800 or 86DD to the EtherType of the key, in network byte order.',
    on: 'object',
    when: (k) => wantedType(k) !== undefined,
    kept: (k) => typeOf(k) === wantedType(k),
    said: (k) =>
      `the key of rule ${k.id} has EtherType ${hex(typeOf(k), 4)}, but its classifier is for ${hex(wantedType(k)!, 4)}`,
  },
  'virtio/NET-FF-D11': {
    where: FLOW_FILTER,
    text: 'A driver MUST write the protocol number that matches the third selector to the key of a rule.',
    advice: 'Write 6, 17 or 50 to Protocol or Next Header of the key.',
    on: 'object',
    when: (k) => wantedProtocol(k) !== undefined,
    kept: (k) => protocolOf(k) === wantedProtocol(k),
    said: (k) =>
      `the key of rule ${k.id} has protocol ${protocolOf(k)}, but its classifier is for ${wantedProtocol(k)}`,
  },
  'virtio/NET-FF-D12': {
    where: FLOW_FILTER,
    text: 'A driver SHOULD mask whole fields unless PARTIAL_MASK is set.',
    advice: 'Set all bits of a field or none, or set the flag for partial masks if the card supports it.',
    on: ['object', 'capability'],
    when: (k) => k.type === FF_CLASSIFIER || (k.sets && k.capability === NET_CAP.FF_SELECTOR),
    kept: (k) => partial(k) === undefined,
    said: (k) => {
      const what = k.sets ? 'capability FF_SELECTOR' : `classifier ${k.id}`;
      return `${what} masks a part of a field of ${namesOf([partial(k)!])}, without PARTIAL_MASK`;
    },
  },
} as const satisfies Rules<AdminKnows, AdminMoment>;

function selectorsOf({ body }: AdminKnows): readonly Selector[] {
  return readSelectors(body).selectors;
}

function namesOf(selectors: readonly Selector[]): string {
  return selectors.map(({ type }) => TYPES[type] ?? `type ${type}`).join(', ');
}

/** The first selector whose type is not allowed in its place. */
function astray(selectors: readonly Selector[]): Selector | undefined {
  return selectors.find(({ type }, i) => ORDER[i]?.includes(type as never) === false);
}

/** A field that must be matched whole for the next header to be of its type, and is not; null if there is none. */
function openField([first, second, third]: readonly Selector[]): string | null {
  const isOpen = (one: Selector | undefined, at: number, bytes: number) =>
    one !== undefined &&
    Array.from({ length: bytes }, (_, i) => one.mask[at + i]).some((byte) => byte !== 0xff);
  if (first?.type === ETH && isOpen(first, ETHERTYPE_AT, 2)) return 'EtherType';
  const at = PROTOCOL_AT[second?.type ?? 0];
  if (third === undefined || at === undefined || !isOpen(second, at, 1)) return null;
  return second!.type === IPV4 ? 'Protocol' : 'Next Header';
}

/** A rule, and the selectors of its classifier; none where it has no such classifier. */
function ruleOf({ type, body, objects }: AdminKnows): {
  readonly rule: FilterRule;
  readonly selectors: readonly Selector[];
} {
  const rule = readRule(body);
  const selectors = type === FF_RULE ? objects.classifiers.get(rule.classifier) : undefined;
  return { rule, selectors: selectors ?? [] };
}

function wantedType(k: AdminKnows): number | undefined {
  const [first, second] = ruleOf(k).selectors;
  return first?.type === ETH && second !== undefined ? ETHERTYPES[second.type] : undefined;
}

/** EtherType in the keys, in network byte order. */
function typeOf(k: AdminKnows): number {
  const { keys } = ruleOf(k).rule;
  return (keys.u8(ETHERTYPE_AT) << 8) | keys.u8(ETHERTYPE_AT + 1);
}

function wantedProtocol(k: AdminKnows): number | undefined {
  const [, second, third] = ruleOf(k).selectors;
  if (second === undefined || third === undefined || PROTOCOL_AT[second.type] === undefined) return undefined;
  return PROTOCOLS[third.type];
}

function protocolOf(k: AdminKnows): number {
  const { rule, selectors } = ruleOf(k);
  const [first, second] = selectors;
  return rule.keys.u8(first!.mask.length + PROTOCOL_AT[second!.type]!);
}

/** The first selector with a mask of a part of a field, where neither it nor the capability set has the flag. */
function partial(k: AdminKnows): Selector | undefined {
  const allowed = (one: Selector) =>
    (one.flags & FF_MASK_F_PARTIAL_MASK) !== 0 || (!k.sets && k.partialTypes.has(one.type));
  return selectorsOf(k).find((one) => !allowed(one) && !hasWholeFields(one));
}
