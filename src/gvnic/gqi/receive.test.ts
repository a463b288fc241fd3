import { expect, test } from 'vitest';
import { internetSum } from '../../net/frame/checksum.ts';
import { ethernet, PROTOCOL } from '../../net/frame/headers.ts';
import { FrameLayout, findHeaders } from '../../net/frame/layout.ts';
import { makeFrame } from '../../net/frame/make.ts';
import { Area } from '../area.ts';
import { RawBuffers } from '../buffers.ts';
import type { Arrival } from '../card.ts';
import { CardRig } from '../card-rig.ts';
import { gqi_rx_desc, RX_FLAGS } from '../registers/gqi.ts';
import { GqiReceive } from './receive.ts';

const [DESCRIPTORS, SLOTS, BUFFERS] = [0x1_0000, 0x2_0000, 0x3_0000];
const ENTRIES = 64;
const SIZE = 2048;

function start(size = SIZE) {
  const rig = new CardRig();
  const { memory } = rig.board;
  const area = (address: number, length: number) => new Area(memory, address, length);
  const place = { id: 0, block: 0, counters: area(0, 4), counter: 0 };
  const rings = {
    descriptors: area(DESCRIPTORS, ENTRIES * gqi_rx_desc.size),
    slots: area(SLOTS, ENTRIES * 8),
  };
  const queue = new GqiReceive(rig.fn.device, place, rings, new RawBuffers(memory), size);
  for (let slot = 0; slot < ENTRIES; slot++)
    rig.view.setBigUint64(SLOTS + 8 * slot, BigInt(BUFFERS + slot * size));
  const bytes = (at: number, length: number) => memory.slice(at, length)!.slice();
  const take = (frame: Uint8Array, sums: Arrival['sums'] = 'good') => {
    const at = new FrameLayout();
    findHeaders(frame, at);
    const packet: Arrival = { frame, at, copy: frame, copyAt: 0, sums, hash: 0, segmentSize: 0 };
    const taken = queue.put(packet);
    if (taken) queue.publish(packet);
    return taken;
  };
  const descriptor = (slot: number) =>
    gqi_rx_desc.decode(bytes(DESCRIPTORS + slot * gqi_rx_desc.size, gqi_rx_desc.size));
  return { rig, queue, take, bytes, descriptor };
}

test('a frame begins two bytes into its buffer, which its length counts', () => {
  const { queue, take, bytes, descriptor } = start();
  const frame = makeFrame();
  queue.ring(1);

  take(frame);

  expect(bytes(BUFFERS + 2, frame.length)).toEqual(frame);
  expect([descriptor(0).len, RX_FLAGS.format(descriptor(0).flags_seq)]).toEqual([
    frame.length + 2,
    'SEQUENCE=1 IPV4 TCP',
  ]);
});

test('a frame longer than half a page fits a buffer of a page', () => {
  const { queue, take, bytes, descriptor } = start(2 * SIZE);
  const frame = makeFrame({ payload: new Uint8Array(3000).fill(7) });
  queue.ring(1);

  expect(take(frame)).toBe(true);

  expect(bytes(BUFFERS + 2, frame.length)).toEqual(frame);
  expect([descriptor(0).len, RX_FLAGS.format(descriptor(0).flags_seq)]).toEqual([
    frame.length + 2,
    'SEQUENCE=1 IPV4 TCP',
  ]);
});

test('sequence numbers go from 1 to 7, and on from 1', () => {
  const { queue, take, descriptor } = start();
  queue.ring(9);

  for (let i = 0; i < 9; i++) take(makeFrame());

  expect(
    Array.from({ length: 9 }, (_, slot) => RX_FLAGS.decode(descriptor(slot).flags_seq).SEQUENCE),
  ).toEqual([...[1, 2, 3, 4, 5, 6, 7, 1, 2]]);
});

test('the address in a slot is read when a frame comes: drivers turn to the other half of a page', () => {
  const { rig, queue, take, bytes } = start();
  const frame = makeFrame();
  queue.ring(1);

  rig.view.setBigUint64(SLOTS, BigInt(BUFFERS + 0x800));
  take(frame);

  expect(bytes(BUFFERS + 0x802, frame.length)).toEqual(frame);
});

test('a frame longer than a buffer goes on at the start of the next', () => {
  const { queue, take, bytes, descriptor } = start();
  const long = makeFrame({ payload: new Uint8Array(3000).fill(7) });
  queue.ring(2);

  take(long);

  expect(bytes(BUFFERS + SIZE, long.length + 2 - SIZE)).toEqual(long.subarray(SIZE - 2));
  expect(
    [0, 1].map((slot) => [descriptor(slot).len, RX_FLAGS.decode(descriptor(slot).flags_seq).PKT_CONT]),
  ).toEqual([
    [SIZE, 1],
    [long.length + 2 - SIZE, 0],
  ]);
});

test.each([
  [4, PROTOCOL.TCP],
  [4, PROTOCOL.UDP],
  [6, PROTOCOL.TCP],
  [6, PROTOCOL.UDP],
] as const)(
  'the checksum over IPv%i of protocol %i is the sum behind the Ethernet header',
  (version, protocol) => {
    const { queue, take, descriptor } = start();
    const frame = makeFrame({
      version,
      protocol,
      payload: Uint8Array.from({ length: 301 }, (_, i) => i * 5),
    });
    queue.ring(1);

    take(frame);

    expect(descriptor(0).csum).toBe(internetSum(frame, ethernet.size, frame.length));
  },
);

test('a checksum that is wrong is not told', () => {
  const { queue, take, descriptor } = start();
  queue.ring(1);

  take(makeFrame(), 'bad');

  expect(descriptor(0).csum).toBe(0);
});

test('no more frames are taken than there are buffers, and a count beyond the ring is none', () => {
  const { queue, take } = start();
  queue.ring(1);
  queue.ring(ENTRIES + 1);

  expect([take(makeFrame()), take(makeFrame())]).toEqual([true, false]);
});
