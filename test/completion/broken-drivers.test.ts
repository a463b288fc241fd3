import { describe, expect, test } from 'vitest';
import type { GuestPort } from '../../src/core/guest-port.ts';
import { acceptable, enumerate, isVirtio, TRANSPORT_FEATURES, VirtioDriver } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';

const MILLISECOND = 1_000_000;
const SPOILED = 0xdb;
const machineFor = (completion?: MachineOptions['completion']) =>
  gceN1({ rng: true, disks: [], nics: [], ...(completion && { completion }) });

function openRng(port: GuestPort, take: (id: number, length: number) => void) {
  const { bdf } = enumerate(port).find(({ id }) => isVirtio(id, 'rng'))!;
  const device = new VirtioDriver(port, bdf, 'broken-rng');
  device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
  const queue = device.addQueue(0, () => queue.drain(take));
  device.ready();
  return { device, queue };
}

/** Waits for its buffer to change, not for the ring; returns the contents of the buffer. */
function peek(port: GuestPort): Set<number> {
  const { device, queue } = openRng(port, () => {});
  const address = port.allocate(8, 8);
  port.memory.fill(address, 0, 8);
  queue.add([], [{ address, length: 8 }]);
  device.kick(queue);
  port.wait(() => port.memory.load(address, 4) !== 0, MILLISECOND);
  const bytes = new Uint8Array(8);
  port.memory.read(address, bytes);
  return new Set(bytes);
}

/** Takes a returned buffer for the oldest of its four; returns the length that it offered and the one in the ring. */
function assumeOrder(port: GuestPort): [offered: number, told: number][] {
  const waiting = [8, 16, 24, 32];
  const matched: [number, number][] = [];
  const { device, queue } = openRng(port, (_id, length) => matched.push([waiting.shift()!, length]));
  for (const length of waiting) queue.add([], [{ address: port.allocate(length, 8), length }]);
  device.kick(queue);
  device.waitFor(() => waiting.length === 0, MILLISECOND, 'not all came back');
  return matched;
}

describe('a driver that peeks into a buffer before it comes back', () => {
  test('works where completions come late and memory is not spoiled', () => {
    expect(peek(machineFor({ latency: 50_000 }).port).size).toBeGreaterThan(1);
  });

  test('reads db where it is', () => {
    expect(peek(machineFor({ latency: 50_000, spoil: true }).port)).toEqual(new Set([SPOILED]));
  });
});

describe('a driver that assumes that completions come in order', () => {
  const SAME = [8, 16, 24, 32].map((length) => [length, length]);

  test('works where they do', () => {
    expect(assumeOrder(machineFor().port)).toEqual(SAME);
  });

  test('mixes its buffers up where they do not', () => {
    expect(assumeOrder(machineFor({ order: 'random' }).port)).not.toEqual(SAME);
  });
});
