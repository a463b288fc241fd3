import { describe, expect, test } from 'vitest';
import { AT_ONCE } from '../../src/virtio/completion/policy.ts';
import { CompletionRig, RINGS } from './rig.ts';

const LONG = 1_000_000;
const { interrupts: NORMAL } = AT_ONCE;

describe.each(RINGS)('interrupts of a %s ring', (ring) => {
  test('are one for several publications', () => {
    const rig = new CompletionRig(ring, {
      interrupts: { ...NORMAL, coalesce: { interrupts: 3, within: 50_000 } },
    });
    const ids = rig.offer(4, 4, 4, 4, 4, 4);
    rig.pop();
    const sent: number[] = [];

    for (const id of ids) {
      rig.finish(id);
      sent.push(rig.interrupts.length);
    }

    expect([sent, rig.came()]).toEqual([[0, 0, 1, 1, 1, 2], ids]);
  });

  test('wait for others no longer than allowed', () => {
    const rig = new CompletionRig(ring, {
      interrupts: { ...NORMAL, coalesce: { interrupts: 3, within: 50_000 } },
    });
    const [first, second] = rig.offer(4, 4);
    rig.pop();
    rig.finish(first!);
    rig.clock.advance(49_000);
    rig.finish(second!);

    rig.clock.advance(LONG);

    expect(rig.interrupts).toEqual([50_000]);
  });

  test('are repeated later, with nothing new in the ring', () => {
    const rig = new CompletionRig(ring, { interrupts: { ...NORMAL, spurious: 1 } });
    const ids = rig.offer(4);
    rig.pop();
    rig.finish(...ids);
    const before = rig.came();

    rig.clock.advance(LONG);

    expect([before, rig.came(), rig.interrupts.length]).toEqual([ids, [], 2]);
  });

  test('without a new completion are not sent to a driver that never wanted one', () => {
    const rig = new CompletionRig(ring, { interrupts: { ...NORMAL, spurious: 1 } });
    rig.driver.suppressInterrupts();
    rig.offer(4);
    rig.finish(...rig.pop());

    rig.clock.advance(LONG);

    expect(rig.interrupts).toEqual([]);
  });

  test('without a new completion wait until the device is a bus master again', () => {
    const rig = new CompletionRig(ring, { interrupts: { ...NORMAL, spurious: 1 } });
    rig.offer(4);
    rig.finish(...rig.pop());
    rig.reachable = false;

    rig.clock.advance(LONG);

    expect(rig.interrupts).toEqual([0]);
  });

  test.each([
    ['that waits for others', { ...NORMAL, coalesce: { interrupts: 3, within: 50_000 } }, []],
    ['that has nothing to tell', { ...NORMAL, spurious: 1 }, [0]],
  ])('do not come once the queue is reset, not one %s', (_which, interrupts, sent) => {
    const rig = new CompletionRig(ring, { interrupts });
    rig.offer(4);
    rig.finish(...rig.pop());

    rig.device.reset();
    rig.clock.advance(LONG);

    expect(rig.interrupts).toEqual(sent);
  });

  test('are lost, all of them or some', () => {
    const play = (lost: number) => {
      const rig = new CompletionRig(ring, { interrupts: { ...NORMAL, lost } });
      for (const id of [...rig.offer(4, 4, 4, 4, 4, 4, 4, 4)]) {
        rig.pop();
        rig.finish(id);
      }
      return [rig.interrupts.length, rig.came().length];
    };

    expect(play(1)).toEqual([0, 8]);
    // One in four, by chance: with seed 1 it is not all and not none.
    expect(play(4)[0]).toBeGreaterThan(0);
    expect(play(4)[0]).toBeLessThan(8);
  });

  test('that the driver does not want are not sent, whatever the policy', () => {
    const rig = new CompletionRig(ring, { latency: [1000, 1000] });
    rig.driver.suppressInterrupts();
    rig.offer(4);
    rig.finish(...rig.pop());

    rig.clock.advance(LONG);

    expect([rig.interrupts.length, rig.came().length]).toEqual([0, 1]);
  });
});
