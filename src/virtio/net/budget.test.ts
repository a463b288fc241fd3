import { describe, expect, test } from 'vitest';
import type { NetBackend } from '../../net/backends/backend.ts';
import { Hub } from '../../net/backends/switch.ts';
import { AT_ONCE } from '../completion/policy.ts';
import { PLAIN } from '../manners.ts';
import type { VirtioNetOptions } from './device.ts';
import { ANY_LAYOUT, CSUM, HOST_TSO4, header, LARGE, NetRig, RX, TX } from './net-rig.ts';

const EVENT_IDX = 29;
const MILLISECOND = 1_000_000;
/** A large frame is cut into 2400 of eight bytes; each costs 96 units, and the budget at one point of time is 1,048,576. */
const SEGMENT = 8;
const FRAMES = 2400;
const PAYLOAD = FRAMES * SEGMENT;
const HEADERS = LARGE.length - 10;
/** So many large frames fit, the last one in part. */
const AT_A_TIME = 5;

/** Counts frames, and keeps none. */
class Counter implements NetBackend {
  frames = 0;
  attach(): void {}
  send(): void {
    this.frames++;
  }
}

/** A NIC whose guest offers large frames, all in one buffer. */
class LargeFrames extends NetRig {
  readonly counter = new Counter();
  private readonly frame: Uint8Array;

  constructor(options: Partial<VirtioNetOptions> = {}) {
    super(options);
    this.device.plug(this.counter);
    this.frame = new Uint8Array(10 + HEADERS + PAYLOAD);
    this.frame.set(header({ flags: 1, gso: 1, hdrLen: HEADERS, size: SEGMENT, start: 34, offset: 16 }));
    this.frame.set(LARGE.subarray(0, HEADERS), 10);
  }

  /** Offers so many frames, without a kick. */
  offer(count: number): number[] {
    const guest = this.guests[TX]!;
    const at = guest.place(this.frame);
    const heads = Array.from({ length: count }, (_, i) => i);
    for (const i of heads) guest.describe(i, at, this.frame.length);
    guest.offer(...heads);
    return heads;
  }

  get used(): number {
    return this.guests[TX]!.usedIdx;
  }
}

const start = (options: Partial<VirtioNetOptions> = {}, ...features: readonly number[]) =>
  new LargeFrames(options).start(ANY_LAYOUT, CSUM, HOST_TSO4, ...features);

describe('a kick for more work than the budget', () => {
  test('is served up to the budget, and the rest a millisecond later, in order', () => {
    const rig = start();
    const heads = rig.offer(8);
    const seen = [];
    rig.kick(TX);
    seen.push(rig.used, rig.counter.frames);
    rig.clock.advance(MILLISECOND - 1);
    seen.push(rig.used);
    rig.clock.advance(1);
    seen.push(rig.used, rig.counter.frames);
    expect(seen).toEqual([AT_A_TIME, AT_A_TIME * FRAMES, AT_A_TIME, 8, 8 * FRAMES]);
    expect(rig.guests[TX]!.take()).toEqual(heads.map((head) => [head, 0]));
  });

  test('is served completely if it fits', () => {
    const rig = start();
    rig.offer(AT_A_TIME - 1);
    rig.kick(TX);
    expect([rig.used, rig.clock.next]).toEqual([AT_A_TIME - 1, Number.POSITIVE_INFINITY]);
  });

  test('is continued at once by another kick', () => {
    const rig = start();
    rig.offer(8);
    rig.kick(TX);
    rig.kick(TX);
    expect(rig.used).toBe(8);
  });

  test('includes frames offered meanwhile without a kick, and enables kicks only then', () => {
    const rig = start({ ringFeatures: [ANY_LAYOUT, EVENT_IDX] }, EVENT_IDX);
    const guest = rig.guests[TX]!;
    rig.offer(6);
    rig.kick(TX);
    const asked = guest.availEvent;
    guest.offer(6, 7);
    guest.describe(6, 0x30_0000, 100);
    guest.describe(7, 0x30_0000, 100);
    rig.clock.advance(MILLISECOND);
    expect([asked, rig.used, guest.availEvent]).toEqual([0, 8, 8]);
  });

  test('is forgotten by a reset of the device', () => {
    const rig = start();
    rig.offer(8);
    rig.kick(TX);
    rig.out(0x12, 0, 1);
    rig.start(ANY_LAYOUT, CSUM, HOST_TSO4).offer(2);
    rig.clock.advance(MILLISECOND);
    expect([rig.counter.frames, rig.used]).toEqual([AT_A_TIME * FRAMES, 0]);
  });

  test('is forgotten by a reset of the queue', () => {
    const rig = start();
    rig.offer(8);
    rig.kick(TX);
    rig.device.resetQueue(TX);
    rig.setUpQueue(TX);
    rig.offer(2);
    rig.clock.advance(MILLISECOND);
    expect(rig.used).toBe(0);
  });

  test('waits for another kick if bus mastering is off when it is due', () => {
    const rig = start();
    const seen = [];
    rig.offer(8);
    rig.kick(TX);
    rig.command(0x0003);
    rig.clock.advance(MILLISECOND);
    rig.command(0x0007);
    rig.clock.advance(MILLISECOND);
    seen.push(rig.used);
    rig.kick(RX);
    rig.clock.advance(MILLISECOND);
    seen.push(rig.used);
    expect(seen).toEqual([AT_A_TIME, 8]);
  });

  test('is not continued while the ring is stopped', () => {
    const rig = start();
    rig.offer(8);
    rig.kick(TX);
    rig.guests[TX]!.describe(AT_A_TIME, 0, 0);
    rig.clock.advance(10 * MILLISECOND);
    expect([rig.used, rig.clock.next]).toEqual([AT_A_TIME, Number.POSITIVE_INFINITY]);
  });

  test('is completed by the policy, each chain at its time', () => {
    const completion = { ...AT_ONCE, latency: [500, 500] as const };
    const rig = start({ manners: { ...PLAIN, completion } });
    const heads = rig.offer(8);
    const seen = [];
    rig.kick(TX);
    rig.clock.advance(500);
    seen.push(rig.used);
    rig.clock.advance(MILLISECOND - 500);
    seen.push(rig.used);
    rig.clock.advance(500);
    expect([...seen, rig.guests[TX]!.take()]).toEqual([AT_A_TIME, AT_A_TIME, heads.map((head) => [head, 0])]);
  });

  test('does not block another queue', () => {
    const rig = start({ pairs: 2 });
    const second = rig.guests[3]!;
    rig.offer(16);
    rig.kick(TX);
    second.offer(second.chain(header(), new Uint8Array(60)));
    rig.kick(3);
    expect([rig.used, second.usedIdx]).toEqual([AT_A_TIME, 1]);
  });
});

describe('a frame to be segmented', () => {
  const cutToBytes = (payload: number) => {
    const rig = start();
    const fields = { flags: 1, gso: 1, hdrLen: HEADERS, size: 1, start: 34, offset: 16 };
    rig.send(TX, header(fields), LARGE.subarray(0, HEADERS), new Uint8Array(payload));
    return [rig.counter.frames, rig.used, rig.said];
  };

  test('into more than 8192 segments is lost, without a finding: no clause limits their number', () => {
    expect(cutToBytes(8193 - HEADERS)).toEqual([0, 1, []]);
  });

  test('into up to 8192 segments is sent', () => {
    expect(cutToBytes(8192 - HEADERS)).toEqual([8192 - HEADERS, 1, []]);
  });
});

test('frames that come from a hub faster than the budget allows wait for the next millisecond', () => {
  const hub = new Hub();
  const [wire, rig] = [hub.port('wire'), new NetRig({ ringSize: 256 })];
  rig.device.plug(hub.port('card'));
  rig.start(ANY_LAYOUT);
  const guest = rig.guests[RX]!;
  const frame = new Uint8Array(65_000);
  for (let i = 0; i < 256; i++) guest.describe(i, 0x30_0000, 65_010, 2);
  // Each costs about 1040 units.
  for (let i = 0; i < 1200; i++) {
    guest.offer(i % 256);
    wire.send(frame);
  }
  const placed = guest.usedIdx;
  rig.clock.advance(MILLISECOND);
  expect([placed > 900, placed < 1100, guest.usedIdx, rig.device.dropped]).toEqual([true, true, 1200, 0]);
});
