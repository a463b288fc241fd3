import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose } from '../../core/compose.ts';
import { makeFrame } from '../../net/frame/make.ts';
import { GVNIC_EVENTS, type GvnicEvents } from '../events.ts';
import { PAGES, QueueRig, RINGS } from '../queue-rig.ts';
import { destroy_queue, driver_info, memory_area, OPCODE } from '../registers/admin.ts';
import {
  DQO_ALTERNATE_MISS,
  DQO_COMPLETION_TYPE,
  DQO_TX_COMPLETION,
  DQO_TX_FLAGS,
  DQO_TX_TYPE,
  dqo_tx_completion,
  dqo_tx_pkt_desc,
} from '../registers/dqo.ts';
import type { GvnicSettings } from '../settings.ts';
import type { GvnicManners } from './late-completions.ts';

const { MISS, PACKET, REINJECTION, DESCRIPTOR } = DQO_COMPLETION_TYPE;
const FRAME = makeFrame();
const OTHER = makeFrame({ port: 99 });
const MILLISECOND = 1_000_000;
const INFO = 0x7000;
/** Every packet misses, for a millisecond. */
const MISSING: GvnicManners = { latency: [0, 0], misses: 1, reinjection: [MILLISECOND, MILLISECOND] };

/** A driver that posts packets of one descriptor each, and reads completions. */
class Sending extends QueueRig {
  private slot = 0;
  private next = 0;

  constructor(more: Partial<GvnicSettings> = {}) {
    super('DQO_RDA', more);
    this.board.memory.write(PAGES, FRAME);
  }

  post(tag: number, more = {}): void {
    const type_flags = DQO_TX_FLAGS.encode({ TYPE: DQO_TX_TYPE.PACKET, END_OF_PACKET: 1, ...more });
    const descriptor = { buf_addr: BigInt(PAGES), type_flags, compl_tag: tag, buf_size: FRAME.length };
    this.board.memory.write(RINGS.transmit + 16 * this.slot++, dqo_tx_pkt_desc.encode(descriptor));
    this.ringTransmit(this.slot);
  }

  /** A packet of so many descriptors. */
  postMany(count: number): void {
    for (let i = 0; i < count; i++) this.post(7, { END_OF_PACKET: i === count - 1 ? 1 : 0 });
  }

  /** Types and tags of the completions since the last call. */
  done(): (readonly [type: number, tag: number])[] {
    const all: (readonly [number, number])[] = [];
    for (; ; this.next++) {
      const bytes = this.bytes(RINGS.done + this.next * dqo_tx_completion.size, dqo_tx_completion.size);
      const { id_type, tag } = dqo_tx_completion.decode(bytes);
      const { TYPE, GENERATION } = DQO_TX_COMPLETION.decode(id_type);
      if (GENERATION === 0) return all;
      all.push([TYPE, tag]);
    }
  }
}

test('a packet has a completion with its tag, and a descriptor that asks for one has another', () => {
  const rig = new Sending();

  rig.post(11);
  rig.post(12, { REPORT_EVENT: 1 });

  expect(rig.done()).toEqual([
    [PACKET, 11],
    [PACKET, 12],
    [DESCRIPTOR, 2],
  ]);
});

test('a card does the same with a watch and without, whatever its descriptors say', () => {
  const word = fc.nat({ max: 0xffff });
  const descriptor = fc.record({
    // RAM, and what is none.
    buf_addr: fc.constantFrom(BigInt(PAGES), 0n, 1n << 21n, 0xffff_ffff_f000n),
    type_flags: fc.oneof(fc.constantFrom(0x2c, 0xac, 0x6c, 0x0c), fc.nat({ max: 0xff })),
    compl_tag: word,
    buf_size: fc.constantFrom(0, 13, FRAME.length, 0x4000 | FRAME.length),
  });
  fc.assert(
    fc.property(fc.array(descriptor, { minLength: 1, maxLength: 40 }), (descriptors) => {
      const [plain, watched] = [new Sending(), new Sending()];
      watched.fn.device.events = compose<GvnicEvents>(GVNIC_EVENTS, []);
      const outcomes = [plain, watched].map((rig) => {
        for (const [i, one] of descriptors.entries())
          rig.board.memory.write(RINGS.transmit + 16 * i, dqo_tx_pkt_desc.encode(one));
        rig.ringTransmit(descriptors.length);
        return [rig.frames, rig.done()];
      });

      expect(outcomes[0]).toEqual(outcomes[1]);
    }),
  );
});

describe('a packet that misses', () => {
  test('is sent and completed by its re-injection, from the bytes that lie there then', () => {
    const rig = new Sending({ manners: MISSING });

    rig.post(11, { REPORT_EVENT: 1 });
    expect([rig.frames.length, rig.done()]).toEqual([
      0,
      [
        [MISS, 11],
        [DESCRIPTOR, 1],
      ],
    ]);

    rig.board.memory.write(PAGES, OTHER);
    rig.board.clock.advance(MILLISECOND);
    expect([rig.frames, rig.done()]).toEqual([[OTHER], [[REINJECTION, 11]]]);
  });

  test('is told by a bit of its tag, now and then, to a driver that knows this', () => {
    const rig = new Sending({ manners: { ...MISSING, reinjection: [0, 0] } });
    rig.board.memory.write(INFO, driver_info.encode({ driver_capability_flags1: 0x10n }));
    rig.run(OPCODE.VERIFY_DRIVER_COMPATIBILITY, memory_area, { length: 304n, addr: BigInt(INFO) });

    for (let tag = 0; tag < 20; tag++) rig.post(tag);

    const told = rig.done().filter(([, tag]) => (tag & DQO_ALTERNATE_MISS) !== 0);
    expect(told.length).toBeGreaterThan(3);
    expect(told.length).toBeLessThan(17);
    expect(new Set(told.map(([type]) => type))).toEqual(new Set([PACKET]));
  });

  test('is forgotten with its queue', () => {
    const rig = new Sending({ manners: MISSING });
    rig.post(11);
    rig.done();

    rig.run(OPCODE.DESTROY_TX_QUEUE, destroy_queue, { queue_id: 0 });
    rig.board.clock.advance(MILLISECOND);

    expect([rig.frames, rig.done()]).toEqual([[], []]);
  });

  test('is lost where bus mastering is off by then', () => {
    const rig = new Sending({ manners: MISSING });
    rig.post(11);
    rig.done();

    rig.set(4, 0x04, 0x0002, 2);
    rig.board.clock.advance(MILLISECOND);

    expect([rig.frames, rig.done()]).toEqual([[], []]);
  });
});

test('packets that are completed late overtake each other, and are sent at once', () => {
  const rig = new Sending({ manners: { latency: [0, MILLISECOND], misses: 0, reinjection: [0, 0] } });

  for (let tag = 0; tag < 20; tag++) rig.post(tag);
  expect(rig.frames.length).toBe(20);
  rig.board.clock.advance(MILLISECOND);

  const tags = rig.done().map(([, tag]) => tag);
  const inOrder = Array.from({ length: 20 }, (_, tag) => tag);
  expect(tags).not.toEqual(inOrder);
  expect(tags.sort((a, b) => a - b)).toEqual(inOrder);
});

describe('more than ten descriptors for a packet', () => {
  test('stop the queue', () => {
    const rig = new Sending();

    rig.postMany(10);
    rig.postMany(11);
    rig.post(8);

    expect([rig.frames.length, rig.done()]).toEqual([1, [[PACKET, 7]]]);
  });

  test('are taken by a card without that limit', () => {
    const rig = new Sending({ descriptorLimit: false });

    rig.postMany(11);
    rig.post(8);

    expect([rig.frames.length, rig.done().length]).toEqual([2, 2]);
  });
});
