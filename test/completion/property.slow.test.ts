import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CompletionPolicy } from '../../src/virtio/completion/policy.ts';
import { answerOf, CompletionRig, RINGS, type Ring } from './rig.ts';

/** GUESTRIG_FUZZ multiplies the runs. */
const RUNS = 150 * Number(process.env['GUESTRIG_FUZZ'] ?? 1);
const SPOILED = 0xdb;
/** Beyond every latency, batch and interrupt below together. */
const LONG = 10_000;

const time = fc.integer({ min: 0, max: 300 });
const within = fc.integer({ min: 1, max: 300 });
const oneIn = fc.constantFrom(0, 1, 2, 5);
const policies: fc.Arbitrary<CompletionPolicy> = fc.record({
  notice: fc.constant(0),
  hush: fc.constant(false),
  latency: fc.tuple(time, time).map(([least, more]) => [least, least + more] as const),
  order: fc.constantFrom('fifo', 'random'),
  batch: fc.option(fc.record({ chains: fc.integer({ min: 2, max: 5 }), within, lastOnly: fc.boolean() })),
  interrupts: fc.record({
    coalesce: fc.option(fc.record({ interrupts: fc.integer({ min: 2, max: 4 }), within })),
    spurious: oneIn,
    configuration: oneIn,
    lost: oneIn,
  }),
  spoil: fc.boolean(),
  oddLengths: fc.constant(false),
});
const actions = fc.array(
  fc.record({
    kind: fc.constantFrom('offer', 'pop', 'rewind', 'finish', 'advance'),
    amount: fc.integer({ min: 0, max: 100 }),
  }),
  { minLength: 30, maxLength: 60, size: 'max' },
);

/** Drives both ends at random, with a model of each chain's state; notes what happens and what is wrong. */
class Play {
  readonly log: unknown[] = [];
  readonly wrong: string[] = [];
  private readonly rig: CompletionRig;
  private readonly policy: CompletionPolicy;
  private readonly inOrder: boolean;
  private offered: number[] = [];
  private taken: number[] = [];
  /** Those taken last, back to the newest that is finished: a device may put these back. */
  private newest: number[] = [];
  /** Finished by the device, in the order in which the driver may expect them. */
  private finished: number[] = [];
  private readonly rooms = new Map<number, number>();
  /** Chains that the driver has not got back, in the order in which it offered them. */
  private out: number[] = [];

  constructor(ring: Ring, policy: CompletionPolicy, inOrder: boolean, seed: number) {
    this.policy = policy;
    this.inOrder = inOrder;
    this.rig = new CompletionRig(ring, policy, { size: 8, inOrder, seed });
  }

  step(kind: string, amount: number): void {
    const { rig } = this;
    if (kind === 'offer' && rig.driver.free >= 2) this.offer(amount % 9);
    if (kind === 'pop' && rig.device.pop()) this.pop();
    if (kind === 'rewind' && this.newest.length > 0) this.rewind(1 + (amount % this.newest.length));
    if (kind === 'finish' && this.taken.length > 0) this.finish(amount % this.taken.length);
    if (kind === 'advance') rig.clock.advance(amount);
    this.look();
  }

  /** The device finishes everything, and time passes. */
  end(): void {
    for (let left = this.offered.length; left > 0; left--) this.step('pop', 0);
    for (let left = this.taken.length; left > 0; left--) this.step('finish', 0);
    this.step('advance', LONG);
    if (this.out.length > 0) this.wrong.push(`${this.out} never came back`);
  }

  private offer(room: number): void {
    const [id] = this.rig.offer(room);
    this.rooms.set(id!, room);
    this.offered.push(id!);
    this.out.push(id!);
  }

  private pop(): void {
    const id = this.offered.shift()!;
    this.taken.push(id);
    this.newest.push(id);
    this.rig.resolve();
  }

  private rewind(count: number): void {
    this.rig.device.rewind(count);
    this.newest.splice(this.newest.length - count);
    this.offered = [...this.taken.splice(this.taken.length - count), ...this.offered];
  }

  private finish(which: number): void {
    const [id] = this.taken.splice(which, 1);
    this.newest = this.newest.slice(this.newest.indexOf(id!) + 1);
    this.rig.finish(id!);
    this.finished.push(id!);
  }

  /** Returned chains are right, and others show no data. */
  private look(): void {
    for (const { id, length } of this.rig.used()) {
      this.log.push([this.rig.clock.now, this.rig.interrupts.length, id]);
      const room = this.rooms.get(id)!;
      if (!this.finished.includes(id)) this.wrong.push(`${id} came back and was not finished`);
      if (this.policy.order === 'fifo' && !this.inOrder && id !== this.finished[0])
        this.wrong.push(`${id} came before ${this.finished[0]}`);
      if (this.inOrder && id !== this.out[0]) this.wrong.push(`${id} came before ${this.out[0]}`);
      if (length !== room) this.wrong.push(`${id} came back with ${length} of ${room} bytes`);
      if (this.rig.room(id).some((byte) => byte !== answerOf(id)))
        this.wrong.push(`${id} has another answer`);
      this.finished = this.finished.filter((other) => other !== id);
      this.out = this.out.filter((other) => other !== id);
    }
    if (this.policy.spoil)
      for (const id of [...this.taken, ...this.finished])
        if (this.rig.room(id).some((byte) => byte !== SPOILED))
          this.wrong.push(`${id} shows before it comes`);
  }
}

describe.each(RINGS)('a %s ring', (ring) => {
  test('gives each chain back once, with the right bytes and not before, under any policy, and reproducibly', () => {
    fc.assert(
      fc.property(policies, fc.boolean(), fc.nat(), actions, (policy, inOrder, seed, steps) => {
        const play = () => {
          const run = new Play(ring, policy, inOrder, seed);
          for (const { kind, amount } of steps) run.step(kind, amount);
          run.end();
          return run;
        };

        const run = play();

        expect(run.wrong).toEqual([]);
        expect(play().log).toEqual(run.log);
      }),
      { numRuns: RUNS },
    );
  });
});
