import { expect, test, vi } from 'vitest';
import { Random } from '../../core/random.ts';
import { rngWatch } from '../../machine/devices/rng.ts';
import { LegacyRig } from '../rig.ts';
import { VirtioRng } from './device.ts';

function start() {
  return new LegacyRig((board) => new VirtioRng('rng0', board, 16), 0, rngWatch).start();
}

test('fills the offered buffer, from the seed of the machine', () => {
  const rig = start();
  const expected = new Uint8Array(48);
  new Random(1).fill(expected);
  const head = rig.send(0, 40, 8);
  expect([...rig.guests[0]!.buffer(head, 0), ...rig.guests[0]!.buffer(head, 1)]).toEqual([...expected]);
  expect([rig.guests[0]!.take(), rig.intx, rig.findings]).toEqual([[[head, 48]], true, []]);
});

test('gives other bytes every time, and the same again in another run', () => {
  const bytes = (rig: ReturnType<typeof start>) => [...rig.guests[0]!.buffer(rig.send(0, 16))];
  const [one, other] = [start(), start()];
  const first = [bytes(one), bytes(one)];
  expect(first[0]).not.toEqual(first[1]);
  expect([bytes(other), bytes(other)]).toEqual(first);
});

test('gives at most a page', () => {
  const rig = start();
  const head = rig.send(0, 4096, 8);
  expect([rig.guests[0]!.take(), rig.guests[0]!.buffer(head, 1)[0]]).toEqual([[[head, 4096]], 0xdb]);
});

test('draws only as many numbers as it gives bytes', () => {
  const rig = start();
  const drawn = vi.spyOn(rig.board.random, 'next');
  rig.send(0, 64);
  expect(drawn).toHaveBeenCalledTimes(64);
});

test('does not change readable parts, with a finding', () => {
  const rig = start();
  const head = rig.send(0, Uint8Array.of(1, 2, 3), 4);
  expect([rig.guests[0]!.take(), [...rig.guests[0]!.buffer(head, 0)]]).toEqual([[[head, 4]], [1, 2, 3]]);
  expect(rig.findings).toEqual([
    'virtio/RNG-OP-D1 rng0, request queue (queue 0): a buffer has 3 bytes for the device to read, and 4 to write',
  ]);
});

test('has no configuration', () => {
  const rig = start();
  rig.out(0x14, 0, 1);
  expect(rig.in(0x14, 4)).toBe(0xffff_ffff);
});
