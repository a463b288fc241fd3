import { beforeEach, describe, expect, test } from 'vitest';
import { GuestMemory } from '../../../core/memory.ts';
import { PACKED } from './announce-rig.ts';
import { RingHints } from './ring-hints.ts';

/** Flags of an event structure; marks of a descriptor that the device used on its first lap. */
const [DISABLE, DESC, USED] = [1, 2, 0x8080];
/** Descriptor 3 on the first lap, and on the second. */
const [FIRST, SECOND] = [0x8003, 0x0003];

let view: DataView;
let hints: RingHints;
beforeEach(() => {
  const memory = GuestMemory.of(0x1_0000);
  view = memory.ranges[0]!.view;
  hints = new RingHints(memory, PACKED);
  view.setUint16(PACKED.desc + 3 * 16 + 14, USED, true);
});
const asks = (at: number, flags: number) => {
  view.setUint16(PACKED.driver, at, true);
  view.setUint16(PACKED.driver + 2, flags, true);
};

describe('the event structure of a packed ring', () => {
  test('keeps interrupts back with the wrap counter of another lap', () => {
    asks(SECOND, DESC);

    expect(hints.eventAhead).toBe(
      'its event structure names descriptor 3 with a wrap counter of 0, which is not used yet',
    );
  });

  test('keeps none back once the device used the descriptor that it names', () => {
    asks(FIRST, DESC);

    expect(hints.eventAhead).toBeNull();
  });

  test('names no descriptor if its flags ask for no interrupt at all', () => {
    asks(SECOND, DISABLE);

    expect([hints.eventAhead, hints.eventBehind]).toEqual([null, null]);
  });
});
