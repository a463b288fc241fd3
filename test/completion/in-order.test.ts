import { describe, expect, test } from 'vitest';
import { CompletionRig, RINGS } from './rig.ts';

const LONG = 1_000_000;
const IN_ORDER = { inOrder: true };
/** Two chains and more in one used entry; nothing here waits for the time limit. */
const LAST_ONLY = { batch: { chains: 2, within: LONG, lastOnly: true } };

describe.each(RINGS)('with IN_ORDER, a %s ring', (ring) => {
  test('gives chains back in the order in which they were made available', () => {
    const rig = new CompletionRig(ring, {}, IN_ORDER);
    const ids = rig.offer(4, 4, 4);
    rig.pop();
    rig.finish(ids[2]!);
    rig.finish(ids[1]!);
    const before = rig.came();

    rig.finish(ids[0]!);

    expect([before, rig.came(), rig.interrupts.length]).toEqual([[], ids, 1]);
  });

  test('keeps the order under any policy', () => {
    const rig = new CompletionRig(ring, { latency: [0, 100_000], order: 'random' }, IN_ORDER);
    const ids = rig.offer(4, 4, 4, 4, 4, 4, 4, 4);
    rig.pop();
    rig.finish(...[...ids].reverse());

    rig.clock.advance(LONG);

    expect(rig.came()).toEqual(ids);
  });

  test('goes on in order over wraps and rewinds', () => {
    const rig = new CompletionRig(ring, {}, { ...IN_ORDER, size: 4 });
    const came: number[][] = [];
    const offered: number[][] = [];

    // Chains of two descriptors: three rounds of two lap a ring of four.
    for (let round = 0; round < 3; round++) {
      offered.push(rig.offer(4, 4));
      rig.pop();
      rig.device.rewind(1);
      rig.finish(...rig.pop());
      rig.finish(offered[round]![0]!);
      came.push(rig.came());
    }

    expect(came).toEqual(offered);
  });

  test('reports a batch by its last chain, and the driver gets all', () => {
    const rig = new CompletionRig(ring, LAST_ONLY, IN_ORDER);
    const ids = rig.offer(4, 0, 12);
    rig.pop();
    rig.dirtied.length = 0;

    rig.finish(...ids);

    expect(rig.used()).toEqual([
      { id: ids[0], length: 4 },
      { id: ids[1], length: 0 },
      { id: ids[2], length: 12 },
    ]);
  });

  test('reports a chain that was not written to its end by an entry of its own', () => {
    const rig = new CompletionRig(ring, LAST_ONLY, IN_ORDER);
    const ids = rig.offer(4, 8, 8);
    rig.pop();
    for (const [i, count] of [4, 5, 8].entries()) rig.device.push(ids[i]!, rig.write(ids[i]!, count));

    rig.device.flush();

    expect(rig.used().map(({ length }) => length)).toEqual([4, 5, 8]);
  });
});

describe('one used entry for a batch of three', () => {
  test('is where the first chain’s would be, and the index advances by three', () => {
    const rig = new CompletionRig('split', LAST_ONLY, IN_ORDER);
    const ids = rig.offer(4, 4, 4);
    rig.pop();
    rig.finish(...ids);
    const used = rig.driver.areas.device;
    const words = [0, 4, 8, 12, 16, 20].map((at) => rig.port.memory.load(used + at, 4));

    // flags and idx; id and length of the first entry; the second, never written.
    expect(words).toEqual([3 << 16, ids[2], 4, 0, 0, 0]);
  });

  test('is in the first chain’s descriptor, and the others’ stay as they were', () => {
    const rig = new CompletionRig('packed', LAST_ONLY, IN_ORDER);
    const ids = rig.offer(4, 4, 4);
    rig.pop();
    rig.finish(...ids);
    const { desc } = rig.driver.areas;
    // Two descriptors a chain: the heads are 0, 2 and 4. AVAIL is bit 7, USED bit 15, WRITE 1, NEXT 0.
    const heads = [0, 2, 4].map((slot) => rig.port.memory.load(desc + slot * 16 + 14, 2));

    expect(rig.port.memory.load(desc + 12, 2)).toBe(ids[2]);
    expect(heads).toEqual([0x8082, 0x0081, 0x0081]);
  });
});
