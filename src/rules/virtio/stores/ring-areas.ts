import type { RingPlace } from '../../../virtio/queue/events.ts';
import type { RingArea, RingStores } from './ring-stores.ts';

/** The three parts of a ring, of either format: descriptors, the driver's own, the device's. */
export const PART = { desc: 0, avail: 1, used: 2 } as const;

/** Where the parts of a ring lie, each so many `bytes` long; `fieldAt` names the field at an offset. */
export function ringAreas(
  ring: RingStores,
  { desc, driver, device }: RingPlace,
  bytes: readonly [desc: number, avail: number, used: number],
  name: string,
  fieldAt: (part: number, offset: number) => string,
): readonly RingArea[] {
  return [desc, driver, device].map((from, part) => ({
    ring,
    part,
    from,
    to: from + bytes[part]!,
    name,
    fieldAt: (offset) => `${name} ${fieldAt(part, offset)}`,
    describe: ({ offset }) => `${name} ${fieldAt(part, offset)}`,
  }));
}
