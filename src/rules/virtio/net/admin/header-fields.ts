import { FF_MASK_TYPE, type Selector } from '../../../../virtio/net/registers/flow-filters.ts';

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
export function hasWholeFields({ type, mask }: Selector): boolean {
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
