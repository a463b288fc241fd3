import { expect, test } from 'vitest';
import { FEATURES } from '../../kvm/registers.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { KvmGuest } from './kvm.ts';

const { CLOCKSOURCE2, ASYNC_PF_INT } = FEATURES.mask;

test('a guest does not hear of pages where the host has the interrupt alone', () => {
  const machine = gceN1({ kvm: { features: CLOCKSOURCE2 | ASYNC_PF_INT, enforce: true } });

  const guest = KvmGuest.open(machine.port);

  expect(guest?.features).toBe(CLOCKSOURCE2 | ASYNC_PF_INT);
  expect(machine.findings).toEqual([]);
});
