import { describe, expect, test } from 'vitest';
import { answerOf, CompletionRig, RINGS } from './rig.ts';

/** Longer than anything here takes. */
const LONG = 1_000_000;
const EIGHT = [4, 4, 4, 4, 4, 4, 4, 4];

describe.each(RINGS)('completions of a %s ring', (ring) => {
  test('come at once without a latency, with one interrupt', () => {
    const rig = new CompletionRig(ring);
    const ids = rig.offer(4, 4);

    rig.pop();
    rig.finish(...ids);

    expect([rig.came(), rig.interrupts]).toEqual([ids, [0]]);
  });

  test('come when their latency is over, and not before', () => {
    const rig = new CompletionRig(ring, { latency: [50_000, 50_000] });
    const ids = rig.offer(4, 4);
    rig.pop();
    rig.finish(...ids);

    rig.clock.advance(49_999);
    const before = rig.came();
    rig.clock.advance(1);

    expect([before, rig.came(), rig.interrupts]).toEqual([[], ids, [50_000]]);
  });

  test('are published when one is due, even if the device does nothing more', () => {
    const rig = new CompletionRig(ring, { latency: [10_000, 10_000] });
    const [first, second] = rig.offer(4, 4);
    rig.pop();
    rig.finish(first!);
    rig.clock.advance(5_000);
    rig.finish(second!);

    rig.clock.advance(LONG);

    expect(rig.interrupts).toEqual([10_000, 15_000]);
  });

  test('keep the order of the work, however long each takes', () => {
    const rig = new CompletionRig(ring, { latency: [0, 100_000] });
    const ids = rig.offer(...EIGHT);
    const order = [...ids].reverse();
    rig.pop();
    rig.finish(...order);

    rig.clock.advance(LONG);

    expect(rig.came()).toEqual(order);
  });

  test('overtake each other where the order is random', () => {
    const rig = new CompletionRig(ring, { latency: [0, 100_000], order: 'random' });
    const ids = rig.offer(...EIGHT);
    rig.pop();
    rig.finish(...ids);

    rig.clock.advance(LONG);
    const came = rig.came();

    expect(came).not.toEqual(ids);
    expect([...came].sort()).toEqual([...ids].sort());
  });

  test('are shuffled where the order is random and all are due', () => {
    const rig = new CompletionRig(ring, { order: 'random' });
    const ids = rig.offer(...EIGHT);
    rig.pop();

    rig.finish(...ids);
    const came = rig.came();

    expect(came).not.toEqual(ids);
    expect([...came].sort()).toEqual([...ids].sort());
  });

  test('that belong together are neither parted nor turned round', () => {
    const rig = new CompletionRig(ring, { latency: [0, 100_000], order: 'random' });
    const ids = rig.offer(...EIGHT);
    const packet = ids.slice(2, 5);
    rig.pop();
    const written = packet.map((id) => rig.write(id));
    rig.finish(...ids.slice(0, 2));
    rig.device.pushTogether(packet, written, packet.length);
    rig.finish(...ids.slice(5));
    const bursts: string[] = [];

    for (let at = 0; at < 100; at++) {
      rig.clock.advance(1000);
      bursts.push(rig.came().join());
    }

    expect(bursts.filter((burst) => burst.includes(packet.join()))).toHaveLength(1);
  });

  test('wait for a batch, and come together', () => {
    const rig = new CompletionRig(ring, { batch: { chains: 4, within: 20_000, lastOnly: false } });
    const ids = rig.offer(4, 4, 4, 4);
    rig.pop();
    rig.finish(...ids.slice(0, 3));
    const before = rig.came();

    rig.finish(ids[3]!);

    expect([before, rig.came(), rig.interrupts.length]).toEqual([[], ids, 1]);
  });

  test('wait for a batch no longer than allowed', () => {
    const rig = new CompletionRig(ring, { batch: { chains: 4, within: 20_000, lastOnly: false } });
    const ids = rig.offer(4, 4, 4);
    rig.pop();
    rig.finish(ids[0]!);
    rig.clock.advance(19_999);
    rig.finish(ids[1]!, ids[2]!);
    const before = rig.came();

    rig.clock.advance(1);

    expect([before, rig.came()]).toEqual([[], ids]);
  });

  test('that are held when the queue is reset never come', () => {
    const rig = new CompletionRig(ring, { latency: [1000, 1000] });
    const ids = rig.offer(4, 4);
    rig.pop();
    rig.finish(...ids);
    const { memory } = rig.board;

    rig.device.reset();
    rig.configure();
    const then = memory.ranges[0]!.bytes.slice();
    rig.clock.advance(LONG);

    expect(Buffer.compare(then, memory.ranges[0]!.bytes)).toBe(0);
    expect(rig.interrupts).toEqual([]);
  });

  test('of chains from before a reset are dropped', () => {
    const rig = new CompletionRig(ring);
    const [id] = rig.offer(4);
    rig.pop();
    rig.device.reset();

    rig.device.push(id!, 4);
    rig.device.flush();

    expect([rig.came(), rig.interrupts]).toEqual([[], []]);
  });

  test('of chains from before a reset stay dropped on a ring that was set up again', () => {
    const rig = new CompletionRig(ring);
    const [id] = rig.offer(4);
    rig.pop();
    rig.device.reset();
    rig.configure();

    rig.device.push(id!, 4);
    rig.device.flush();

    expect([rig.came(), rig.interrupts]).toEqual([[], []]);
  });

  test('of a chain that went back into the ring come once', () => {
    const rig = new CompletionRig(ring, { latency: [1000, 1000], spoil: true });
    const ids = rig.offer(4, 4, 4);
    rig.pop();
    rig.device.rewind(2);
    rig.finish(ids[0]!);

    const again = rig.pop();
    rig.finish(...again);
    rig.clock.advance(LONG);

    expect([again, rig.came()]).toEqual([ids.slice(1), ids]);
  });

  test('that fall due while the device is no bus master wait for a kick', () => {
    const rig = new CompletionRig(ring, { latency: [1000, 1000] });
    const ids = rig.offer(4);
    rig.pop();
    rig.finish(...ids);
    rig.reachable = false;
    rig.clock.advance(LONG);
    rig.device.flush();
    const before = rig.came();

    rig.reachable = true;
    rig.completions.run();

    expect([before, rig.came(), rig.interrupts]).toEqual([[], ids, [LONG]]);
  });

  test('report returned bytes to a cache of memory, when they are returned', () => {
    const rig = new CompletionRig(ring, { latency: [1000, 1000], spoil: true });
    const [id] = rig.offer(64);
    rig.pop();
    rig.finish(id!);
    rig.dirtied.length = 0;

    rig.clock.advance(1000);

    expect(rig.dirtied[0]).toEqual([rig.roomAt(id!), rig.roomAt(id!) + 64]);
    expect(rig.room(id!)).toEqual([answerOf(id!)]);
  });

  test('require a new kick from a driver that filled the ring while kicks were suppressed', () => {
    const rig = new CompletionRig(ring, {}, { size: 2 });
    rig.device.hush();
    rig.offer(0, 0);
    rig.finish(...rig.pop());
    rig.came();
    const address = rig.port.allocate(8, 8);
    rig.driver.add([{ address, length: 8 }], []);

    expect(rig.driver.publish()).toBe(true);
  });

  test('are the same again with the same seed, and others with another', () => {
    const play = (seed: number) => {
      const rig = new CompletionRig(ring, { latency: [0, 100_000], order: 'random' }, { seed });
      rig.offer(...EIGHT);
      rig.finish(...rig.pop());
      rig.clock.advance(LONG);
      return [rig.came(), rig.interrupts];
    };

    expect(play(1)).toEqual(play(1));
    expect(play(1)).not.toEqual(play(2));
  });
});
