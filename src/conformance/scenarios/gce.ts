import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DriverModel } from '../model.ts';
import { probeMachine } from '../probe.ts';
import { FRAME } from '../reference.ts';
import type { Scenario } from './scenario.ts';

const BLOCK = 512;

/** The smallest machine on which a probe can try each line of the Compute Engine document. */
export function probedMachine(): Machine {
  return gceN1({ disks: [{ bytes: 8 * BLOCK }], nics: [{ backend: 'loopback' }] });
}

export const PROBE_ERRAND = { text: 'guestrig probe\r\n', frames: [FRAME] };

/** The reference guest in the place of drivers. */
const probe: DriverModel = {
  name: 'probe',
  drivers: [],
  run: (_port, _handles, machine) => void probeMachine(machine, PROBE_ERRAND),
};

export const GCE_SCENARIOS: readonly Scenario[] = [
  { name: 'a probe of every part', machine: probedMachine, model: () => probe },
];
