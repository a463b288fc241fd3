import { expect, test } from 'vitest';
import { renderFinding } from '../src/conformance/index.ts';
import { virtioNet } from '../src/guest/index.ts';
import { gceN1 } from '../src/index.ts';
import type { VirtioFunction } from '../src/virtio/transport/function.ts';

const FRAME = Uint8Array.from({ length: 60 }, (_, i) => i);

test.each([
  { judge: true, watched: true },
  { judge: {}, watched: true },
  { judge: { stores: true }, watched: true },
  { judge: { stores: false }, watched: false },
  { judge: false, watched: false },
])("with judge $judge it is $watched that drivers' stores are watched", ({ judge, watched }) => {
  const machine = gceN1({ judge });

  expect(machine.chassis.port.memory.tap !== null).toBe(watched);
});

test('without stores the judge sees the rest', () => {
  const machine = gceN1({ judge: { stores: false } });
  machine.attach(virtioNet({ interrupts: 'polled' })).send(FRAME);

  expect([
    machine.journal.reached('virtio/PCI-KICK-D1'),
    machine.journal.reached('virtio/VQ-BARRIER-D1'),
  ]).toEqual([true, false]);
});

test('an option of the judge that does not exist is refused by its path', () => {
  expect(() => gceN1({ judge: { loads: true } as never })).toThrow('judge must be true, false or an object');
});

test('a finding shows the store that began it and the one that broke the rule', () => {
  const machine = gceN1({ completion: { latency: 1_000_000 } });
  const { memory } = machine.port;
  const nic = machine.attach(virtioNet({ interrupts: 'polled' }));
  nic.post(FRAME);
  const { device } = machine.chassis.bus.at(4 << 3) as VirtioFunction;
  const transmit = device.queues[1]!.address;

  memory.store(transmit + 8, 9, 4);

  const [finding] = machine.findings;
  const text = renderFinding(finding!);
  expect(finding!.clause).toBe('virtio/CLEAN-D1');
  expect(text).toContain(
    `store 00${(transmit + 8).toString(16)} ← 00000009  net0, transmit queue 1 (queue 1) desc[0].len`,
  );
  expect(text).toMatch(/^ {10}.* out {2}c050 {6}← 0001 .*Queue Notify.*\n {2}at /m);
  expect(text).toMatch(/store [0-9a-f]{8} ← 0001 {6}net0, transmit queue 1 \(queue 1\) avail\.idx/);
});

test('a driver that stores past the port has none of its stores judged', () => {
  const machine = gceN1();
  machine.chassis.port.memory.direct();
  machine.attach(virtioNet({ interrupts: 'polled' })).send(FRAME);

  expect([
    machine.journal.reached('virtio/PCI-KICK-D1'),
    machine.journal.reached('virtio/VQ-BARRIER-D1'),
  ]).toEqual([true, false]);
});
