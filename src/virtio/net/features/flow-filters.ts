import { ByteReader } from '../../../core/byte-reader.ts';
import type { Struct } from '../../../core/struct.ts';
import { AdminQueue } from '../../features/admin/admin-queue.ts';
import { type AdminState, type Capability, type ObjectKind, refused } from '../../features/admin/model.ts';
import type { Virtqueue } from '../../queue/virtqueue.ts';
import { FEATURE } from '../../registers.ts';
import { FF_CAPS, NET_CAP, NET_OBJECT } from '../capability-registers.ts';
import * as ff from '../registers/flow-filters.ts';
import type { NetCard, NetFeature } from './feature.ts';

const { FF_GROUP, FF_CLASSIFIER, FF_RULE } = NET_OBJECT;
const { ETH, IPV4, IPV6, TCP, UDP } = ff.FF_MASK_TYPE;
const { DROP, DIRECT_RX_VQ } = ff.FF_ACTION;
const limits = ff.virtio_net_ff_cap_data;
const group = ff.virtio_net_resource_obj_ff_group;
const rule = ff.virtio_net_resource_obj_ff_rule;
const list = ff.virtio_net_ff_list;

const LIMITS = limits.encode({
  groups_limit: 4,
  classifiers_limit: 8,
  rules_limit: 64,
  rules_per_group_limit: 32,
  last_rule_priority: 0xff,
  selectors_per_classifier_limit: 3,
});
/** Selectors for every field of every header, whole or in part. */
const SELECTORS: readonly ff.Selector[] = [ETH, IPV4, IPV6, TCP, UDP].map((type) => ({
  type,
  flags: ff.FF_MASK_F_PARTIAL_MASK,
  mask: new Uint8Array(ff.FF_HEADER_SIZE[type]!).fill(0xff),
}));
const ACTIONS: readonly number[] = [DROP, DIRECT_RX_VQ];

const CAPABILITIES: readonly Capability[] = [
  {
    id: NET_CAP.FF_RESOURCE,
    offered: LIMITS,
    bytesOf: () => limits.size,
    allows: (data) => isBelow(limits, data, LIMITS),
  },
  {
    id: NET_CAP.FF_SELECTOR,
    offered: ff.encodeSelectors(SELECTORS),
    bytesOf: (data) => ff.readSelectors(data).end,
    allows: (data) => ff.readSelectors(data).selectors.every((one) => isSelectorOf(SELECTORS, one)),
  },
  {
    id: NET_CAP.FF_ACTION,
    offered: Uint8Array.of(...list.encode({ count: ACTIONS.length }), ...ACTIONS),
    bytesOf: (data) => list.size + data.u8(0),
    allows: (data) => [...data.bytes(list.size, data.u8(0))].every((action) => ACTIONS.includes(action)),
  },
];

/**
 * The administration virtqueue, by which a driver lists and makes flow filters (virtio 1.4, Flow filter). They have no other
 * effect: no frame is filtered.
 */
export class FlowFilters implements NetFeature {
  static readonly bits = [FEATURE.ADMIN_VQ];
  readonly commands = [];
  private readonly admin: AdminQueue;

  constructor(card: NetCard) {
    const kinds = kindsOf((queue) => card.kindOf(queue) === 'receive');
    this.admin = new AdminQueue(card, { capabilities: CAPABILITIES, kinds });
  }

  serve(queue: Virtqueue): void {
    this.admin.serve(queue);
  }

  reset(): void {
    this.admin.state.reset();
  }
}

/** The limits that a driver set; 0 if it set none. */
function limitOf(state: AdminState, field: keyof typeof limits.offset): number {
  const set = state.capabilities.get(NET_CAP.FF_RESOURCE);
  const at = limits.offset[field];
  return (limits.members[field] === 'u8' ? set?.u8(at) : set?.u32(at)) ?? 0;
}

const BASE = { needs: FF_CAPS, beyond: refused('ENOSPC', 'NORESOURCE') };

/** @param receives whether frames can be directed to a queue. */
function kindsOf(receives: (queue: number) => boolean): readonly ObjectKind[] {
  return [
    {
      ...BASE,
      type: FF_GROUP,
      limit: (state) => limitOf(state, 'groups_limit'),
      bytesOf: () => group.size,
      allows: (data, id, state) =>
        [...state.of(FF_GROUP)].every(([other, one]) => other === id || one.u16(0) !== data.u16(0)),
      carries: (id, state) => rulesOn(state, rule.offset.group_id, id),
    },
    {
      ...BASE,
      type: FF_CLASSIFIER,
      limit: (state) => limitOf(state, 'classifiers_limit'),
      bytesOf: (data) => ff.readSelectors(data).end,
      allows: (data, _id, state) => isClassifier(state, ff.readSelectors(data).selectors),
      carries: (id, state) => rulesOn(state, rule.offset.classifier_id, id),
    },
    {
      ...BASE,
      type: FF_RULE,
      limit: (state) => Math.min(limitOf(state, 'rules_limit'), limitOf(state, 'rules_per_group_limit')),
      bytesOf: (data) => rule.size + data.u8(rule.offset.key_length),
      allows: (data, _id, state) => isRule(state, data, receives),
      carries: () => false,
    },
  ];
}

function rulesOn(state: AdminState, field: number, id: number): boolean {
  return [...state.of(FF_RULE).values()].some((one) => one.u32(field) === id);
}

function isClassifier(state: AdminState, selectors: readonly ff.Selector[]): boolean {
  const set = state.capabilities.get(NET_CAP.FF_SELECTOR);
  const allowed = set === undefined ? [] : ff.readSelectors(set).selectors;
  const most = limitOf(state, 'selectors_per_classifier_limit');
  return (
    selectors.length > 0 && selectors.length <= most && selectors.every((one) => isSelectorOf(allowed, one))
  );
}

function isRule(state: AdminState, data: ByteReader, receives: (queue: number) => boolean): boolean {
  const { group_id, classifier_id, rule_priority, key_length, action, vq_index } = rule.offset;
  const classifier = state.of(FF_CLASSIFIER).get(data.u32(classifier_id));
  if (classifier === undefined || !state.of(FF_GROUP).has(data.u32(group_id))) return false;
  const { selectors } = ff.readSelectors(classifier);
  const keys = selectors.reduce((sum, { mask }) => sum + mask.length, 0);
  const set = state.capabilities.get(NET_CAP.FF_ACTION) ?? new ByteReader('le', new Uint8Array(0));
  return (
    data.u8(key_length) === keys &&
    data.u8(rule_priority) < limitOf(state, 'last_rule_priority') &&
    set.bytes(list.size, set.u8(0)).includes(data.u8(action)) &&
    (data.u8(action) !== DIRECT_RX_VQ || receives(data.u16(vq_index)))
  );
}

/** Whether one of the allowed selectors is of that type and has all its bits. */
function isSelectorOf(allowed: readonly ff.Selector[], { type, flags, mask }: ff.Selector): boolean {
  return allowed.some(
    (one) =>
      one.type === type &&
      mask.length === ff.FF_HEADER_SIZE[type] &&
      (flags & ~one.flags) === 0 &&
      isWithin(mask, one.mask),
  );
}

/** Whether no number that a driver set exceeds the offered one. */
function isBelow({ members, size, decode }: Struct, set: ByteReader, offered: Uint8Array): boolean {
  const [asked, most] = [decode(set.bytes(0, size)), decode(offered)];
  return Object.keys(members).every(
    (name) => typeof members[name] !== 'string' || asked[name]! <= most[name]!,
  );
}

/** Whether a mask has only offered bits. */
function isWithin(mask: Uint8Array, offered: Uint8Array): boolean {
  return mask.every((byte, i) => (byte & ~(offered[i] ?? 0)) === 0);
}
