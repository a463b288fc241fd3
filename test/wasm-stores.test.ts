import { describe, expect, test } from 'vitest';
import { virtioNet } from '../src/guest/index.ts';
import { driverOf } from '../src/hosts/wasm/rig.ts';
import { gceN1, type Machine, type MachineOptions } from '../src/index.ts';
import type { VirtioFunction } from '../src/virtio/transport/function.ts';

const FRAME = Uint8Array.from({ length: 60 }, (_, i) => i);
const TRANSMIT = 1;
/** Unused RAM. */
const SOMEWHERE = 0xa0_0000;
/** Long enough for a driver to do something while the device has a chain. */
const LATE: MachineOptions = { memory: { below4G: 16 << 20 }, completion: { latency: 1_000_000 } };

const NOW = '(import "guestrig" "now" (func $now (result i64)))';
const code = (before: string, access: string) => `
  (func (export "poke") (param i32 i32) ${before} ${access} (drop (call $now)))`;
const STORE = '(i32.store (local.get 0) (local.get 1))';
const trace = (name: string) => `(import "env" "__sanitizer_cov_${name}" (func $${name} (param i32)))`;

/** `poke(address, value)` stores a word, without reporting it. */
const silent = driverOf(NOW, code('', STORE));
/** The same, which reports its stores. */
const telling = driverOf(`${NOW} ${trace('store4')}`, code('(call $store4 (local.get 0))', STORE));
/** The same, which loads the word, too. */
const loading = driverOf(
  `${NOW} ${trace('store4')} ${trace('load4')}`,
  code('(call $load4 (local.get 0))', '(drop (i32.load (local.get 0)))'),
);

/** A machine of which a module has the RAM, and whose NIC has a frame that it sends later. */
function flying(module: typeof silent): { machine: Machine; poke: (at: number, value: number) => number } {
  const machine = gceN1(LATE);
  const program = module.on(machine.port);
  machine.attach(virtioNet({ interrupts: 'polled' })).post(FRAME);
  return { machine, poke: (at, value) => program.call('poke', at, value) };
}

/** Where the descriptors of the transmit queue lie, and the buffer of the second, which holds the frame. */
function placesIn(machine: Machine) {
  const { device } = machine.chassis.bus.at(4 << 3) as VirtioFunction;
  const desc = device.queues[TRANSMIT]!.address;
  return { desc, frame: machine.port.memory.load(desc + 16, 4) };
}
const clauses = ({ findings }: Machine) => findings.map(({ clause }) => clause);

describe.each([
  ['tells of no store', silent],
  ['tells of its stores', telling],
])('a module that %s', (_what, module) => {
  test('is seen to change a descriptor that the device has', () => {
    const { machine, poke } = flying(module);

    poke(placesIn(machine).desc + 8, 1);

    expect(clauses(machine)).toEqual(['virtio/CLEAN-D1']);
    expect(machine.findings[0]!.said).toMatch(/^desc\[0\]\.len was changed while the device had chain 0/);
    expect(machine.findings[0]!.evidence.accesses.at(-1)!.text).toContain('desc[0].len');
  });

  test('is seen to rewrite a buffer that the device reads', () => {
    const { machine, poke } = flying(module);

    poke(placesIn(machine).frame, 0x1234_5678);

    expect(clauses(machine)).toEqual(['virtio/CLEAN-D2']);
  });

  test('may store the same value, and any value once the frame was sent', () => {
    const { machine, poke } = flying(module);
    const { desc, frame } = placesIn(machine);
    poke(desc + 8, machine.port.memory.load(desc + 8, 4));
    machine.port.wait(() => false, 2_000_000);
    for (const at of [desc + 8, frame]) poke(at, 0x5a5a_5a5a);

    expect(clauses(machine)).toEqual([]);
    expect(machine.journal.reached('virtio/CLEAN-D1')).toBe(true);
  });
});

test('rules on the order of stores, and on loads, are checked if a module reports these', () => {
  const reached = (module: typeof silent) => {
    const { machine, poke } = flying(module);
    machine.nics[0]!.receive(FRAME);
    machine.port.wait(() => false, 2_000_000);
    poke(SOMEWHERE, 0);
    return ['virtio/CLEAN-D2', 'virtio/VQ-BARRIER-D1', 'virtio/VQ-IMP-23'].map((clause) =>
      machine.journal.reached(clause),
    );
  };

  expect([silent, telling, loading].map(reached)).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

test('a module that reports its loads is seen to read a buffer that the device writes', () => {
  const machine = gceN1(LATE);
  const program = loading.on(machine.port);
  machine.attach(virtioNet({ interrupts: 'polled' }));
  const { device } = machine.chassis.bus.at(4 << 3) as VirtioFunction;
  const room = machine.port.memory.load(device.queues[0]!.address, 4);

  program.call('poke', room, 0);

  expect(clauses(machine)).toEqual(['virtio/VQ-IMP-23']);
});

test('a reported store outside RAM is a finding, and traps', () => {
  const { machine, poke } = flying(telling);

  expect(() => poke(0xf000_0000, 1)).toThrow(/poke trapped: memory access out of bounds/);
  expect(clauses(machine)).toEqual(['ram/OUTSIDE']);
});
