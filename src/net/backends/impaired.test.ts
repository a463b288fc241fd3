import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Impairments } from './impaired.ts';
import { Impaired } from './impaired.ts';
import { KeepingNic, Sink } from './rig.ts';

/** A NIC, a sink, and an impaired wire between them. */
function wire(impairments: Impairments) {
  const nic = new KeepingNic();
  const sink = new Sink();
  const bad = new Impaired(sink, impairments);
  bad.attach(nic);
  const send = (count: number, bytes = 4) => {
    for (let i = 0; i < count; i++) bad.send(new Uint8Array(bytes).fill(i));
  };
  return { nic, sink, bad, send, firsts: () => sink.frames.map((frame) => frame[0]) };
}

const MANY = 2000;

describe('an impaired wire', () => {
  test('without impairments passes every frame at once, both ways', () => {
    const { nic, sink, bad, send } = wire({});
    send(3);
    bad.receive(Uint8Array.of(7));
    expect(sink.frames).toHaveLength(3);
    expect(nic.got).toEqual([[7]]);
  });

  // Four standard deviations of 2000 frames of which a tenth is hit are 54.
  test.each([
    ['loss', -200],
    ['duplicate', 200],
  ] as const)('with a %s of a tenth affects about that many frames', (fault, expected) => {
    const { sink, send } = wire({ [fault]: 0.1 });
    send(MANY);
    expect(Math.abs(sink.frames.length - MANY - expected)).toBeLessThan(54);
  });

  test('counts what it lost', () => {
    const { sink, bad, send } = wire({ loss: 0.5 });
    send(100);
    expect(bad.lost).toBe(100 - sink.frames.length);
  });

  test('flips one bit of a corrupted frame, in a copy', () => {
    const { sink, bad } = wire({ corrupt: 1 });
    const lent = new Uint8Array(64);
    bad.send(lent);
    const bits = sink.frames[0]!.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect(bits).toBe(1);
    expect(lent).toEqual(new Uint8Array(64));
  });

  test('delays each frame, and keeps a copy meanwhile', () => {
    const { nic, sink, bad } = wire({ delay: 500 });
    const lent = Uint8Array.of(1);
    bad.send(lent);
    lent.fill(9);
    nic.clock.advance(499);
    expect(sink.frames).toEqual([]);
    nic.clock.advance(1);
    expect(sink.frames).toEqual([Uint8Array.of(1)]);
  });

  test('lets other frames overtake one that it holds back', () => {
    const { nic, send, firsts } = wire({ reorder: 0.1, heldBack: 1000 });
    send(100);
    nic.clock.advance(1000);
    expect(firsts()).toHaveLength(100);
    expect(firsts()).not.toEqual(firsts().toSorted((a, b) => a! - b!));
  });

  // 1000 bytes and what surrounds them on a wire, at a gigabit: 1024 × 8 ns.
  test('carries a limited number of bits per second', () => {
    const { nic, sink, send } = wire({ rate: 1e9 });
    send(3, 1000);
    nic.clock.advance(2 * 8192);
    expect(sink.frames).toHaveLength(2);
    nic.clock.advance(8192);
    expect(sink.frames).toHaveLength(3);
  });

  test('drops frames when a thousand wait', () => {
    const { bad, send } = wire({ delay: 1e9 });
    send(1002);
    expect(bad.lost).toBe(2);
  });

  test('without a NIC drops all frames, including those in transit', () => {
    const { nic, sink, bad, send } = wire({ delay: 100 });
    send(1);
    bad.attach(null);
    send(1);
    nic.clock.advance(1000);
    expect(sink.frames).toEqual([]);
  });

  test('treats the same frames the same way for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, chance) => {
        const [one, two] = [0, 1].map(() => {
          const { nic, send, sink } = wire({
            seed,
            loss: chance,
            corrupt: chance,
            reorder: chance,
            jitter: 5000,
          });
          send(50);
          nic.clock.advance(2e6);
          return sink.frames;
        });
        expect(one).toEqual(two);
      }),
    );
  });

  test.each([
    [{ loss: 1.5 }, 'impaired.loss must be a chance from 0 to 1; got 1.5'],
    [{ delay: -1 }, 'impaired.delay must be 0 ns or more; got -1'],
    [{ rate: 0 }, 'impaired.rate must be a rate in bits per second; got 0'],
    [{ seed: 0.5 }, 'impaired.seed must be a whole number'],
  ])('refuses %j', (given, message) => {
    expect(() => new Impaired(new Sink(), given)).toThrow(message);
  });
});
