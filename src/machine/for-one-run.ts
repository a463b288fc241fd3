import { buildMachine } from './computer.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { planFor } from './plan.ts';
import type { Profile } from './profile.ts';

/**
 * A machine that is not inspected after its run, so that the next one can have its RAM: to allocate other RAM, page
 * by page, takes a host longer than all else in most runs.
 *
 * @example
 * const machine = forOneRun(GCE_N1, { seed: 3 });
 * machine.close();
 * machine.chassis.giveBackRam();
 */
export function forOneRun(profile: Profile, options: MachineOptions): Machine {
  const { machine, devices } = planFor(profile, options);
  return buildMachine({ machine: { ...machine, ram: { ...machine.ram, again: true } }, devices });
}
