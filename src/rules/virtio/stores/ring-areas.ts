import type { Describer } from '../../../core/access.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { RingPlace } from '../../../virtio/queue/events.ts';

/** What is told of a driver's accesses to areas of RAM. */
export interface AreaOwner {
  readonly areas: readonly RingArea[];
  /** The driver stored an integer to a part of the ring; `changed` if the value before was another. */
  stored(part: number, offset: number, width: number, changed: boolean): void;
  /** Bytes are about to be copied to `at`, over a part of the ring. */
  overwriting(part: number, at: Gpa, from: Uint8Array): void;
  overwritten(part: number): void;
  /** The driver loaded from a part of the ring. `value` is -1 where it was more than an integer. */
  loaded(part: number, offset: number, length: number, value: number): void;
  /** The driver gave back memory in which a part of the ring lies. */
  memoryFreed(area: RingArea, address: Gpa): void;
  forget(): void;
}

/** A part of a ring in RAM. */
export interface RingArea extends Describer {
  readonly ring: AreaOwner;
  readonly part: number;
  readonly from: Gpa;
  readonly to: Gpa;
  /** The name of the field at an offset: `net0, transmit queue 1 desc[3].addr`. */
  fieldAt(offset: number): string;
}

/** The three parts of a ring, of either format: descriptors, the driver's own, the device's. */
export const PART = { desc: 0, avail: 1, used: 2 } as const;

/** Where the parts of a ring lie, each so many `bytes` long; `fieldAt` names the field at an offset. */
export function ringAreas(
  ring: AreaOwner,
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
