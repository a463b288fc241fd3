import type { ByteReader } from '../../../core/byte-reader.ts';
import { struct } from '../../../core/struct.ts';

/** Capability FF_RESOURCE (virtio 1.4, Flow filter). */
export const virtio_net_ff_cap_data = struct('virtio_net_ff_cap_data', 'le', {
  groups_limit: 'u32',
  classifiers_limit: 'u32',
  rules_limit: 'u32',
  rules_per_group_limit: 'u32',
  last_rule_priority: 'u8',
  selectors_per_classifier_limit: 'u8',
  reserved: { bytes: 2 },
});
/** Head of FF_SELECTOR, FF_ACTION and a classifier; so many selectors, or one byte per action, follow. */
export const virtio_net_ff_list = struct('virtio_net_ff_list', 'le', { count: 'u8', reserved: { bytes: 7 } });
/** Head of a selector; its mask follows. */
export const virtio_net_ff_selector = struct('virtio_net_ff_selector', 'le', {
  type: 'u8',
  flags: 'u8',
  reserved: { bytes: 2 },
  length: 'u8',
  reserved1: { bytes: 3 },
});
export const FF_MASK_F_PARTIAL_MASK = 1;
export const virtio_net_resource_obj_ff_group = struct('virtio_net_resource_obj_ff_group', 'le', {
  group_priority: 'u16',
});
/** Head of a rule; its keys follow. */
export const virtio_net_resource_obj_ff_rule = struct('virtio_net_resource_obj_ff_rule', 'le', {
  group_id: 'u32',
  classifier_id: 'u32',
  rule_priority: 'u8',
  key_length: 'u8',
  action: 'u8',
  reserved: 'u8',
  vq_index: 'u16',
  reserved1: { bytes: 2 },
});
export const FF_ACTION = { DROP: 1, DIRECT_RX_VQ: 2, IPSEC: 3, IPSEC_RECIRCULATE: 4 } as const;

export const FF_MASK_TYPE = { ETH: 1, IPV4: 2, IPV6: 3, TCP: 4, UDP: 5, ESP: 6 } as const;

/** Bytes of the header that a selector of each type covers. */
export const FF_HEADER_SIZE: Readonly<Record<number, number>> = {
  [FF_MASK_TYPE.ETH]: 14,
  [FF_MASK_TYPE.IPV4]: 20,
  [FF_MASK_TYPE.IPV6]: 40,
  [FF_MASK_TYPE.TCP]: 20,
  [FF_MASK_TYPE.UDP]: 8,
  [FF_MASK_TYPE.ESP]: 8,
};

/** A selector in a capability or a classifier. */
export interface Selector {
  readonly type: number;
  readonly flags: number;
  readonly mask: Uint8Array;
}

/** The counted selectors, and where they end. Missing bytes are zero. */
export function readSelectors(list: ByteReader): { readonly selectors: readonly Selector[]; end: number } {
  const at = virtio_net_ff_selector.offset;
  const selectors: Selector[] = [];
  let end = virtio_net_ff_list.size;
  for (let left = list.u8(0); left > 0; left--) {
    const length = list.u8(end + at.length);
    const mask = list.bytes(end + virtio_net_ff_selector.size, length);
    selectors.push({ type: list.u8(end + at.type), flags: list.u8(end + at.flags), mask });
    end += virtio_net_ff_selector.size + length;
  }
  return { selectors, end };
}

/** Encodes a list of selectors for a capability or a classifier. */
export function encodeSelectors(selectors: readonly Selector[]): Uint8Array {
  const each = selectors.flatMap(({ type, flags, mask }) => [
    ...virtio_net_ff_selector.encode({ type, flags, length: mask.length }),
    ...mask,
  ]);
  return Uint8Array.of(...virtio_net_ff_list.encode({ count: selectors.length }), ...each);
}
