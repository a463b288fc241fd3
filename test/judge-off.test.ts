import { describe, expect, test } from 'vitest';
import { virtioBalloon, virtioNetDriver, virtioScsiDriver } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';
import { MachineEmitter } from '../src/machine/events.ts';
import type { MachineOptions } from '../src/machine/options.ts';

/** The members of any part to which a watch of its driver is attached. */
const HOOKS = ['events', 'tap', 'monitor'];
/** Some of them. */
const KNOWN = [
  'PortSpace.tap',
  'MmioSpace.tap',
  'Uart16550.events',
  'VirtioNet.events',
  'VirtioScsi.events',
  'VirtioBalloon.events',
  'VirtioRng.events',
];

/** Where watches are attached, among all that `root` holds: `Uart16550.events`. The machine's events are for people. */
function watched(root: object): Set<string> {
  const found = new Set<string>();
  const seen = new Set<unknown>([root]);
  for (const part of seen) {
    for (const [name, value] of fieldsOf(part as object)) {
      if (HOOKS.includes(name) && value !== null && !(value instanceof MachineEmitter))
        found.add(`${(part as object).constructor.name}.${name}`);
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) seen.add(value);
    }
  }
  return found;
}

function fieldsOf(part: object): [name: string, value: unknown][] {
  if (part instanceof Map)
    return [...part].flatMap(([key, value], i) => [
      [`${i}k`, key],
      [`${i}`, value],
    ]);
  if (part instanceof Set) return [...part].map((value, i) => [`${i}`, value]);
  return Object.entries(part);
}

/** One of each kind of device, and drivers at work: some parts are made only then. */
function used(options: MachineOptions) {
  const machine = gceN1({ ...options, display: true, balloon: true, rng: true });
  machine.attach(virtioNetDriver).send(new Uint8Array(60));
  machine.attach(virtioScsiDriver).testUnitReady(1);
  machine.attach(virtioBalloon());
  machine.addNic();
  return machine;
}

describe.each(['legacy', 'modern'] as const)('a machine that does not judge, %s', (virtio) => {
  test('has no watch at any hook of any of its parts', () => {
    expect(watched(used({ virtio, judge: false }))).toEqual(new Set());
  });

  test('has an observer at its spaces, if there is one, and still no watch', () => {
    const machine = used({ virtio, judge: false });
    machine.observe({ begin: () => undefined, end: () => undefined });

    expect(watched(machine)).toEqual(new Set(['PortSpace.tap', 'MmioSpace.tap']));
  });
});

test('a machine that judges has a watch at its spaces, UARTs and virtio devices', () => {
  expect([...watched(used({}))]).toEqual(expect.arrayContaining(KNOWN));
});
