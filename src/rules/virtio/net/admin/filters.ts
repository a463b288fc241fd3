import type { Rules } from '../../../../core/rule.ts';
import { FF_CAPS, NET_OBJECT } from '../../../../virtio/net/capability-registers.ts';
import type { Selector } from '../../../../virtio/net/registers/flow-filters.ts';
import { CLASSIFIERS } from './classifiers.ts';
import type { AdminKnows, AdminMoment } from './knows.ts';
import { type FilterRule, readRule } from './net-objects.ts';

const { FF_GROUP, FF_CLASSIFIER, FF_RULE } = NET_OBJECT;
const FLOW_FILTER = 'virtio 1.4, Flow filter';
const TYPES: readonly number[] = [FF_GROUP, FF_CLASSIFIER, FF_RULE];

/** Whether some packet may match both; false where a classifier is unknown. */
function overlaps(
  one: FilterRule,
  other: FilterRule,
  classifiers: ReadonlyMap<number, readonly Selector[]>,
): boolean {
  const [own, theirs] = [classifiers.get(one.classifier), classifiers.get(other.classifier)];
  if (own === undefined || theirs === undefined) return false;
  let at = 0;
  for (let i = 0; i < Math.min(own.length, theirs.length); i++) {
    const [mine, its] = [own[i]!, theirs[i]!];
    // Headers of different types are not of one packet: the protocol before them differs.
    if (mine.type !== its.type) return false;
    for (let byte = 0; byte < mine.mask.length; byte++) {
      const both = mine.mask[byte]! & (its.mask[byte] ?? 0);
      if (((one.keys.u8(at + byte) ^ other.keys.u8(at + byte)) & both) !== 0) return false;
    }
    at += mine.mask.length;
  }
  return true;
}

const rested = (k: AdminKnows) => k.objects.restingOn(k.type, k.id);

/** Rules on what flow filters need, and on the order in which they are destroyed. */
const OBJECTS = {
  'virtio/NET-FF-D1': {
    where: FLOW_FILTER,
    text: 'A driver MUST set the three flow filter capabilities before using flow filters.',
    advice:
      'Send DRIVER_CAP_SET for FF_RESOURCE, FF_SELECTOR and FF_ACTION after each reset, and wait for OK.',
    on: 'object',
    when: (k) => k.isNew && TYPES.includes(k.type),
    kept: (k) => FF_CAPS.every((id) => k.set.has(id)),
    said: (k) => `an object of flow filters was created before ${unset(k)} was set`,
  },
  'virtio/NET-FF-D2': {
    where: FLOW_FILTER,
    text: 'A driver SHOULD NOT destroy a group that rules still use.',
    advice: 'Destroy its rules first: the card answers EBUSY, and the group stays.',
    // A driver that destroys the rules later used the wrong order.
    follows: ['virtio/NET-FF-D3'],
    on: 'destroy',
    when: (k) => k.type === FF_GROUP && k.objects.has(k.type, k.id),
    kept: (k) => rested(k).length === 0,
    said: (k) => `group ${k.id} was to be destroyed, but rule ${rested(k)[0]} is in it`,
  },
  'virtio/NET-FF-D3': {
    where: FLOW_FILTER,
    text: 'A driver SHOULD destroy the rules of a group before the group.',
    advice: 'Destroy in reverse order of creation: rules, then groups and classifiers.',
    on: 'destroy',
    when: (k) => k.type === FF_RULE && k.objects.has(k.type, k.id),
    kept: (k) => k.groupUnderminedAt === null,
    said: (k) => `rule ${k.id} was destroyed after its group was to be`,
    since: (k) => k.groupUnderminedAt ?? 0,
  },
  'virtio/NET-FF-D4': {
    where: FLOW_FILTER,
    text: 'A driver SHOULD NOT destroy a classifier that rules still use.',
    advice: 'Destroy its rules first: the card answers EBUSY, and the classifier stays.',
    follows: ['virtio/NET-FF-D5'],
    on: 'destroy',
    when: (k) => k.type === FF_CLASSIFIER && k.objects.has(k.type, k.id),
    kept: (k) => rested(k).length === 0,
    said: (k) => `classifier ${k.id} was to be destroyed, but rule ${rested(k)[0]} uses it`,
  },
  'virtio/NET-FF-D5': {
    where: FLOW_FILTER,
    text: 'A driver SHOULD destroy the rules of a classifier before the classifier.',
    advice: 'Destroy in reverse order of creation: rules, then groups and classifiers.',
    on: 'destroy',
    when: (k) => k.type === FF_RULE && k.objects.has(k.type, k.id),
    kept: (k) => k.classifierUnderminedAt === null,
    said: (k) => `rule ${k.id} was destroyed after its classifier was to be`,
    since: (k) => k.classifierUnderminedAt ?? 0,
  },
  'virtio/NET-FF-D6': {
    where: FLOW_FILTER,
    text: 'A driver SHOULD NOT give two rules of a group the same priority.',
    advice: 'Give each rule of a group a priority of its own: of two equal ones the order is undefined.',
    follows: ['virtio/NET-FF-D7'],
    apart: (k) => rival(k, overlapping(k)) === undefined,
    on: 'object',
    when: (k) => k.type === FF_RULE && others(k).length > 0,
    kept: (k) => rival(k, others(k)) === undefined,
    said: (k) => told(k, rival(k, others(k))!),
  },
  'virtio/NET-FF-D7': {
    where: FLOW_FILTER,
    text: 'A driver SHOULD give overlapping rules different priorities.',
    advice: 'Give the narrower of two rules that match the same packet the higher priority.',
    on: 'object',
    when: (k) => k.type === FF_RULE && overlapping(k).length > 0,
    kept: (k) => rival(k, overlapping(k)) === undefined,
    said: (k) => `${told(k, rival(k, overlapping(k))!)}, and both match some packet`,
  },
} as const satisfies Rules<AdminKnows, AdminMoment>;

/** Rules of flow filters, which are commands of the administration virtqueue. */
export const FILTERS = { ...OBJECTS, ...CLASSIFIERS } as const;

function unset({ set }: AdminKnows): string {
  const names = ['FF_RESOURCE', 'FF_SELECTOR', 'FF_ACTION'];
  return names.filter((_, i) => !set.has(FF_CAPS[i]!)).join(', ');
}

/** Ids of the other rules of its group. */
function others({ body, id, objects }: AdminKnows): number[] {
  return objects.restingOn(FF_GROUP, readRule(body).group).filter((other) => other !== id);
}

/** Those of them that match some of the packets that it matches. */
function overlapping(k: AdminKnows): number[] {
  const { rules, classifiers } = k.objects;
  const own = readRule(k.body);
  return others(k).filter((id) => overlaps(own, rules.get(id)!, classifiers));
}

/** The first of them that has its priority. */
function rival({ body, objects }: AdminKnows, among: readonly number[]): number | undefined {
  const { priority } = readRule(body);
  return among.find((id) => objects.rules.get(id)!.priority === priority);
}

function told({ id, body }: AdminKnows, other: number): string {
  const { group, priority } = readRule(body);
  return `rules ${other} and ${id} of group ${group} have priority ${priority}`;
}
