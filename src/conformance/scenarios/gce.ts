import type { DriverModel } from '../../core/driver.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import { probeMachine } from '../probe.ts';
import { FRAME } from '../reference.ts';
import type { Scenario } from './scenario.ts';

const BLOCK = 512;

/** What a probe needs to try each line of the Compute Engine document, and no more. */
export function probedMachine(): Machine {
  return gceN1({ disks: [{ bytes: 8 * BLOCK }], nics: [{ backend: 'loopback' }] });
}

export const PROBE_ERRAND = { text: 'guestrig probe\r\n', frames: [FRAME] };

/** The probe brings its own guest. */
const nobody: DriverModel = { name: 'probe', drivers: [] };

export const GCE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'a probe of every part',
    machine: probedMachine,
    model: () => nobody,
    act: (machine) => void probeMachine(machine, PROBE_ERRAND),
  },
];
