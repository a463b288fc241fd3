import { expect, test } from 'vitest';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import { makeFrame, partsOf } from '../../net/frame/make.ts';
import { Area } from '../area.ts';
import { RawBuffers } from '../buffers.ts';
import type { Arrival, Card } from '../card.ts';
import { CardRig } from '../card-rig.ts';
import { packetType } from '../packet-types.ts';
import {
  DQO_RX_HEADER,
  DQO_RX_LENGTH,
  DQO_RX_STATUS,
  dqo_rx_buffer,
  dqo_rx_completion,
} from '../registers/dqo.ts';
import { DqoReceive } from './receive.ts';

const [COMPLETIONS, BUFFERS, BODY, HEADER] = [0x1_0000, 0x2_0000, 0x3_0000, 0x4_0000];
const ENTRIES = 64;
const FRAME = makeFrame({ payload: Uint8Array.from({ length: 300 }, (_, i) => i) });
const { payload: HEADERS } = partsOf();

/** A queue with eight buffers of 4096 bytes, and as many for headers of so many. */
function start(header: number) {
  const rig = new CardRig();
  const { memory } = rig.board;
  const area = (address: number, length: number) => new Area(memory, address, length);
  const place = { id: 0, block: 0, counters: area(0, 4), counter: 0 };
  const rings = {
    completions: area(COMPLETIONS, ENTRIES * dqo_rx_completion.size),
    buffers: area(BUFFERS, ENTRIES * dqo_rx_buffer.size),
  };
  const card: Card = rig.fn.device;
  const queue = new DqoReceive(card, place, rings, new RawBuffers(memory), { packet: 4096, header }, false);
  for (let id = 0; id < 8; id++) {
    const buffer = {
      buf_id: 100 + id,
      buf_addr: BigInt(BODY + id * 4096),
      header_buf_addr: BigInt(HEADER + id * 128),
    };
    memory.write(BUFFERS + id * dqo_rx_buffer.size, dqo_rx_buffer.encode(buffer));
  }
  queue.ring(8);
  const bytes = (at: number, length: number) => memory.slice(at, length)!.slice();
  const completion = (slot: number) =>
    dqo_rx_completion.decode(bytes(COMPLETIONS + slot * dqo_rx_completion.size, dqo_rx_completion.size));
  return { queue, bytes, completion };
}

function arrival(frame: Uint8Array): Arrival {
  const at = new FrameLayout();
  findHeaders(frame, at);
  return { frame, at, copy: frame, copyAt: 0, sums: 'good', hash: 0x1234, segmentSize: 0 };
}

test('headers go into a buffer of their own, and the rest into another', () => {
  const { queue, bytes, completion } = start(128);

  queue.put(arrival(FRAME));
  queue.publish(arrival(FRAME));

  expect(bytes(HEADER, HEADERS)).toEqual(FRAME.subarray(0, HEADERS));
  expect(bytes(BODY, 300)).toEqual(FRAME.subarray(HEADERS));
  const { header, length, status, buf_id, hash, ptype } = completion(0);
  expect(DQO_RX_HEADER.decode(header)).toEqual({ HEADER_LEN: HEADERS, RSC: 0, SPLIT_HEADER: 1 });
  expect(DQO_RX_LENGTH.decode(length)).toEqual({ LENGTH: 300, GENERATION: 1, BUFFER_QUEUE: 0 });
  expect(DQO_RX_STATUS.format(status)).toBe('DONE END_OF_PACKET L3_L4_PROCESSED');
  expect([buf_id, hash, ptype & 0x3ff]).toEqual([100, 0x1234, packetType(arrival(FRAME).at)]);
});

test('headers too long for their buffer stay with the rest, and this is said', () => {
  const { queue, bytes, completion } = start(HEADERS - 1);

  queue.put(arrival(FRAME));
  queue.publish(arrival(FRAME));

  expect(bytes(BODY, FRAME.length)).toEqual(FRAME);
  expect(completion(0).status & DQO_RX_STATUS.mask.HEADER_OVERFLOW).not.toBe(0);
});

test('a frame of several buffers has a completion for each, and its end in the last', () => {
  const { queue, completion } = start(0);
  const long = makeFrame({ payload: new Uint8Array(9000) });

  queue.put(arrival(long));
  queue.publish(arrival(long));

  expect([0, 1, 2, 3].map((slot) => completion(slot).status & DQO_RX_STATUS.mask.END_OF_PACKET)).toEqual([
    0, 0, 2, 0,
  ]);
  expect([0, 1, 2].map((slot) => completion(slot).buf_id)).toEqual([100, 101, 102]);
});

test('of several buffers the first alone has headers apart', () => {
  const { queue, completion } = start(128);
  const long = makeFrame({ payload: new Uint8Array(9000) });

  queue.put(arrival(long));
  queue.publish(arrival(long));

  expect([0, 1, 2].map((slot) => DQO_RX_HEADER.decode(completion(slot).header))).toEqual([
    { HEADER_LEN: HEADERS, RSC: 0, SPLIT_HEADER: 1 },
    { HEADER_LEN: 0, RSC: 0, SPLIT_HEADER: 0 },
    { HEADER_LEN: 0, RSC: 0, SPLIT_HEADER: 0 },
  ]);
});

test('a frame without buffers is not taken', () => {
  const { queue } = start(0);

  expect(queue.put(arrival(makeFrame({ payload: new Uint8Array(40_000) })))).toBe(false);
});
