import { describe, expect, test } from 'vitest';
import { verdictsOf } from '../src/conformance/index.ts';
import { virtioNet } from '../src/guest/index.ts';
import { gceN1, type Machine, type MachineOptions } from '../src/index.ts';
import type { VirtioFunction } from '../src/virtio/transport/function.ts';

const FRAME = Uint8Array.from({ length: 60 }, (_, i) => i);
const TRANSMIT = 1;
const LATE = 1_000_000;
/** Offset of `len` in a descriptor of either format. */
const LEN = 8;

/** A machine whose guest stores to RAM unobserved, as on a CPU. */
function unseen(options: MachineOptions = {}): Machine {
  const machine = gceN1({ completion: { latency: LATE }, ...options });
  machine.chassis.port.memory.direct();
  return machine;
}
const clauses = ({ findings }: Machine) => findings.map(({ clause }) => clause);
const ringOf = (machine: Machine) => {
  const { device } = machine.chassis.bus.at(4 << 3) as VirtioFunction;
  return device.queues[TRANSMIT]!.address;
};
const pass = (machine: Machine) => machine.port.wait(() => false, 2 * LATE);

describe.each<[kind: string, options: MachineOptions, tables: string, buffers: string]>([
  ['split', {}, 'virtio/CLEAN-D1', 'virtio/CLEAN-D2'],
  [
    'packed',
    { virtio: 'modern', ringFeatures: ['RING_PACKED', 'IN_ORDER', 'EVENT_IDX'] },
    'virtio/PACKED-DESC-D2',
    'virtio/CLEAN-D2',
  ],
])('where stores are not seen, on a %s ring', (_kind, options, tables, buffers) => {
  test('a changed descriptor is noticed when its chain comes back', () => {
    const machine = unseen(options);
    machine.attach(virtioNet({ interrupts: 'polled' })).post(FRAME);
    const { memory } = machine.port;

    memory.store(ringOf(machine) + LEN, 9, 4);
    const before = clauses(machine);
    pass(machine);

    expect([before, clauses(machine)]).toEqual([[], [tables]]);
  });

  test('a rewritten buffer of the device is noticed at the next kick', () => {
    const machine = unseen(options);
    const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
    nic.post(FRAME);
    const { memory } = machine.port;
    const header = memory.load(ringOf(machine), 4);

    memory.store(header, 0x55, 1);
    nic.post(FRAME);

    expect(clauses(machine)).toEqual([buffers]);
  });

  test('a good driver keeps what can be seen, over many turns of the ring', () => {
    const machine = unseen({ ...options, nics: [{ backend: 'loopback', ringSize: 16 }] });
    const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
    for (let i = 0; i < 100; i++) nic.send(FRAME);
    pass(machine);

    const verdict = verdictsOf(machine.journal).find(({ clause }) => clause === tables)!;

    expect([clauses(machine), verdict.outcome, verdict.stores]).toEqual([[], 'pass', 'compared']);
  });
});

test('a chain that is done before the guest goes on cannot have been changed', () => {
  const machine = unseen({ completion: undefined });
  machine.attach(virtioNet({ interrupts: 'polled' })).send(FRAME);

  expect(machine.journal.reached('virtio/CLEAN-D1')).toBe(false);
});

test.each([
  [{}, 'stores'],
  [{ judge: { stores: false } }, 'none'],
  [{ judge: false }, 'none'],
] as const)("a machine with %j observes drivers' stores by %s", (options, known) => {
  const machine = gceN1(options);

  const verdict = verdictsOf(machine.journal).find(({ clause }) => clause === 'virtio/CLEAN-D1')!;

  expect(verdict.stores).toBe(known);
});
