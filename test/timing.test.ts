import { expect, test } from 'vitest';
import { BROKEN_DRIVERS, conform, type DriverModel } from '../src/conformance/index.ts';
import { TIMING } from '../src/conformance/scenarios/timing.ts';
import { type NicDriver, virtioNet } from '../src/guest/index.ts';
import type { MachineOptions } from '../src/index.ts';
import { kicksAlways } from '../src/rules/virtio/queue/announce.mutants.ts';

const EVENTS: MachineOptions = { virtio: 'modern', ringFeatures: ['EVENT_IDX'] };
const [USED, SENT, HUSHED] = TIMING.map(({ name }) => name);

const deaf = BROKEN_DRIVERS.find(({ clause }) => clause === 'virtio/VQ-IMP-34')!.model;

const nic = virtioNet({ interrupts: 'polled' });
/** It does nothing of its own accord. */
const kicker: DriverModel = {
  name: 'kicks for each frame that it is given',
  drivers: [{ ...nic, attach: (port, bdf) => nic.attach(kicksAlways(port), bdf) }],
  run: () => {},
  use: { send: (frame, [card]) => (card as NicDriver).tryPost(frame) },
};

function failed(model: DriverModel, scenario: string, machine: MachineOptions = {}): string[] {
  const { verdicts } = conform(model, { machine, scenarios: [scenario], seeds: [1] });
  return verdicts.filter(({ outcome }) => outcome === 'fail').map(({ clause }) => clause);
}

test('a driver that does not look again once it wants interrupts is named where devices take each time', () => {
  expect(failed(deaf, USED!, EVENTS)).toEqual(['virtio/VQ-IMP-34']);
});

test('a driver that is only given frames and always kicks is named', () => {
  expect(failed(kicker, HUSHED!)).toEqual(['virtio/VQ-AVSUP-D3']);
  expect(failed(kicker, SENT!)).toEqual([]);
});

test('of any two kinds of rings, orders, latencies and interrupts every two ways meet', () => {
  const rows = TIMING.slice(3).map(({ name }) => name.split(/, answers | and (?=soon|after|at)|, /));
  const pairs = new Set(
    rows.flatMap((row) => row.flatMap((one, i) => row.slice(i + 1).map((other) => `${one} + ${other}`))),
  );

  // Six pairs of kinds, with three ways each.
  expect([rows.length, pairs.size]).toEqual([9, 6 * 9]);
});
