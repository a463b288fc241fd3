import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Width } from '../core/bits.ts';
import { GuestMemory } from '../core/memory.ts';
import { struct } from '../core/struct.ts';
import { makeFrame } from '../net/frame/make.ts';
import { ENTRIES, PAGES, QueueRig, RINGS } from './queue-rig.ts';
import { destroy_queue, OPCODE, report_stats } from './registers/admin.ts';
import type { QueueFormat } from './registers/descriptor.ts';
import { DQO_TX_FLAGS, DQO_TX_TYPE, dqo_tx_pkt_desc } from './registers/dqo.ts';
import { gqi_rx_data_slot } from './registers/gqi.ts';

const FORMATS: readonly QueueFormat[] = ['GQI_QPL', 'GQI_RDA', 'DQO_RDA', 'DQO_QPL'];
/** RAM between guards: a device that reaches past it changes them. */
const [RAM, GUARD, FILL] = [1 << 21, 1 << 16, 0xa5];
const STATS = 0x9000;
const FRAME = makeFrame({ payload: new Uint8Array(3000) });

const EDGES = [0, PAGES, RAM - 1, RAM - 2048, RAM, 64 * 4096 - 1, 0xffff_f000].map(BigInt);
const address = fc.oneof(
  fc.constantFrom(...EDGES, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
/** Lengths and counts: none, one, too many, and those of the frame that lies in RAM. */
const half = fc.oneof(fc.constantFrom(0, 1, 54, 88, 1400, 2048, 0x3fff, 0xffff), fc.nat(0xffff));
/** The first bytes of GQI descriptors, and the ninth of DQO's. */
const kind = fc.oneof(
  fc.constantFrom(0x00, 0x01, 0x10, 0x11, 0x20, 0x22, 0x30, 0x04, 0x05, 0x0c, 0x2c, 0x6c, 0xac),
  fc.nat(255),
);
const count = fc.oneof(fc.constantFrom(0, 1, 2, 12, ENTRIES - 1, ENTRIES), fc.nat(0xffff_ffff));

type Act = (rig: QueueRig) => void;

const descriptor = fc
  .record({ slot: fc.nat(15), kind, address, halves: fc.array(half, { minLength: 4, maxLength: 4 }) })
  .map(
    ({ slot, kind: type, address: to, halves: [a, b, c, d] }): Act =>
      (rig) => {
        const at = RINGS.transmit + slot * 16;
        const little = rig.isDqo;
        const half = (offset: number, value: number) => rig.view.setUint16(at + offset, value, little);
        rig.view.setBigUint64(at + (little ? 0 : 8), to, little);
        half(little ? 8 : 0, little ? type : (type << 8) | (a! & 0xff));
        half(little ? 10 : 2, b!);
        half(little ? 12 : 4, c!);
        half(little ? 14 : 6, d!);
      },
  );
const buffer = fc.record({ slot: fc.nat(15), address }).map(
  ({ slot, address: to }): Act =>
    (rig) => {
      const little = rig.isDqo;
      rig.view.setBigUint64(RINGS.buffers + (little ? slot * 32 + 8 : slot * 8), to, little);
    },
);
const transmit = count.map(
  (value): Act =>
    (rig) =>
      rig.ringTransmit(value),
);
const receive = count.map(
  (value): Act =>
    (rig) =>
      rig.ringReceive(value),
);
const raw = fc.record({ offset: fc.nat(0x1000), value: count, width: fc.constantFrom<Width>(1, 2, 4) }).map(
  ({ offset, value, width }): Act =>
    (rig) =>
      rig.doorbell(offset & -width, value, width),
);
const frame = fc.constantFrom(0, 1, 14, 60, 1514, 9000, 65_549, 200_000).map(
  (length): Act =>
    (rig) =>
      rig.fn.device.arrive(new Uint8Array(length)),
);
const WORDS = struct('words', 'be', { a: 'u64', b: 'u64', c: 'u64', d: 'u64', e: 'u64', f: 'u64', g: 'u64' });
const command = fc
  .record({
    opcode: fc.oneof(fc.nat(0x13), fc.constant(0xff)),
    word: fc.array(address, { minLength: 7, maxLength: 7 }),
  })
  .map(
    ({ opcode, word: [a, b, c, d, e, f, g] }): Act =>
      (rig) => {
        rig.run(opcode, WORDS, { a: a!, b: b!, c: c!, d: d!, e: e!, f: f!, g: g! });
      },
  );
const time = fc.nat(3_000_000).map(
  (by): Act =>
    (rig) =>
      rig.board.clock.advance(by),
);
const ACTS = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: descriptor },
    { weight: 3, arbitrary: buffer },
    { weight: 3, arbitrary: transmit },
    ...[receive, raw, frame, command, time].map((arbitrary) => ({ weight: 1, arbitrary })),
  ),
  { maxLength: 60 },
);

function guarded(): { readonly memory: GuestMemory; readonly guards: readonly Uint8Array[] } {
  const whole = new Uint8Array(RAM + 2 * GUARD).fill(FILL);
  const ram = whole.subarray(GUARD, GUARD + RAM).fill(0);
  return {
    memory: GuestMemory.of(RAM, ram as never),
    guards: [whole.subarray(0, GUARD), whole.subarray(GUARD + RAM)],
  };
}

test.each(FORMATS)('no %s ring and no command makes the card throw, hang or reach past RAM', (format) => {
  fc.assert(
    fc.property(ACTS, (acts) => {
      const { memory, guards } = guarded();
      const rig = new QueueRig(format, {}, memory);
      rig.fn.device.wire.onFrame = null;
      memory.write(PAGES, FRAME);

      for (const act of acts) act(rig);

      expect(guards.map((bytes) => bytes.every((byte) => byte === FILL))).toEqual([true, true]);
    }),
    { numRuns: 60 },
  );
});

test('statistics are not written without bus mastering', () => {
  const rig = new QueueRig('GQI_QPL');
  rig.run(OPCODE.REPORT_STATS, report_stats, {
    ...{ stats_report_len: 136n, stats_report_addr: BigInt(STATS), interval: 1n },
  });

  rig.set(4, 0x04, 0x0002, 2);
  rig.board.clock.advance(10_000_000);
  expect(rig.bytes(STATS, 136)).toEqual(new Uint8Array(136));

  rig.set(4, 0x04, 0x0006, 2);
  rig.board.clock.advance(10_000_000);
  expect(rig.bytes(STATS, 136)).not.toEqual(new Uint8Array(136));
});

test('a queue that was destroyed before its frame was visible is written to no more', () => {
  const rig = new QueueRig('GQI_QPL');
  let isHeld = true;
  rig.board.memory.delay = { holds: () => isHeld };
  rig.board.memory.write(RINGS.buffers, gqi_rx_data_slot.encode({ addr: 0n }));
  rig.ringReceive(8);
  rig.fn.device.arrive(FRAME.subarray(0, 60));
  rig.fn.device.arrive(FRAME.subarray(0, 60));

  rig.run(OPCODE.DESTROY_RX_QUEUE, destroy_queue, { queue_id: 0 });
  isHeld = false;
  rig.fn.device.resume();

  expect(rig.bytes(RINGS.received, 64)).toEqual(new Uint8Array(64));
  expect(rig.fn.device.receiver.dropped).toBe(2);
});

test('what no IP packet can be as long as is not sent', () => {
  const rig = new QueueRig('DQO_RDA');
  const buf_size = 0x3fff;
  for (let i = 0; i < 10; i++) {
    const type_flags = DQO_TX_FLAGS.encode({ TYPE: DQO_TX_TYPE.PACKET, END_OF_PACKET: i === 9 ? 1 : 0 });
    const descriptor = { buf_addr: BigInt(PAGES), type_flags, buf_size };
    rig.board.memory.write(RINGS.transmit + 16 * i, dqo_tx_pkt_desc.encode(descriptor));
  }

  rig.ringTransmit(10);

  expect(rig.frames.length).toBe(0);
  // A completion all the same: type 2 in the first lap.
  expect(rig.view.getUint16(RINGS.done, true)).toBe(0x9000);
});
