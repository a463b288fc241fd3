import type { Selector } from '../../../../virtio/net/registers/flow-filters.ts';
import type { FilterRule } from './net-objects.ts';

/** Whether some packet may match both; false where a classifier is unknown. */
export function overlaps(
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
