import { expect, test } from 'vitest';
import { CompletionRig } from './rig.ts';

const ENTRIES = 16;

test('no more chains are held than the ring has entries, though the driver offers one again and again', () => {
  const rig = new CompletionRig('split', { latency: [1_000_000, 1_000_000] }, { size: ENTRIES });
  const { driver } = rig.driver.areas;
  const [head] = rig.offer(4);
  let taken = 0;

  for (let idx = 1; idx <= 100; idx++) {
    rig.port.memory.store(driver + 4 + 2 * ((idx - 1) % ENTRIES), head!, 2);
    rig.port.memory.store(driver + 2, idx, 2);
    taken += Number(rig.device.pop());
    rig.device.push(head!, 4);
  }

  expect(taken).toBe(ENTRIES);
});
