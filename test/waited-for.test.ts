import { expect, test } from 'vitest';
import { FRAME } from '../src/conformance/reference.ts';
import { virtioNet, virtioRng } from '../src/guest/index.ts';
import { gceN1, type Machine } from '../src/index.ts';

const polled = { interrupts: 'polled' } as const;

/** A machine with both devices in use, all of them broken down since. */
function brokenDown() {
  const machine = gceN1({ virtio: 'modern', rng: true });
  const nic = machine.attach(virtioNet(polled));
  const rng = machine.attach(virtioRng(polled));
  nic.post(FRAME);
  for (const device of machine.virtio) device.breakDown();
  return { machine, nic, rng };
}

function named(machine: Machine): readonly string[] {
  machine.journal.end(true);
  return machine.journal.of('virtio/STATUS-D4').map(({ subject }) => subject);
}

test('of two devices that broke down, the one is named that was asked for something last', () => {
  const { machine, rng } = brokenDown();
  expect(() => rng.read(8)).toThrow();

  expect(named(machine)).toEqual([expect.stringContaining('rng0')]);
});

test('and the other one where the driver asks that', () => {
  const { machine, nic, rng } = brokenDown();
  expect(() => rng.read(8)).toThrow();
  nic.post(FRAME);

  expect(named(machine)).toEqual([expect.stringContaining('net0')]);
});

test('a device that was reset is not waited for, and the other one is named', () => {
  const { machine, rng } = brokenDown();
  expect(() => rng.read(8)).toThrow();
  rng.close();

  expect(named(machine)).toEqual([expect.stringContaining('net0')]);
});
