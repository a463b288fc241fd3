import { buildMachine } from './computer.ts';
import type { Machine } from './machine.ts';
import type { MachineOptions } from './options.ts';
import { planFor } from './plan.ts';
import type { Profile } from './profile.ts';

/**
 * A machine at which nobody looks any more when its run is over, so that the next one can have its RAM: a host needs
 * longer to find other RAM, page by page, than most runs need for all else.
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
