import type { GuestPort } from '../../core/guest-port.ts';
import {
  type ChipsetFacts,
  type DiskFacts,
  enumerate,
  explore,
  type ProbeTask,
  probeChipset,
} from '../../guest/index.ts';
import type { SeenMachine } from '../../rules/gce/facts.ts';
import type { GatheredBalloon } from './kinds/balloon.ts';
import { bothEnds, type Seen } from './kinds/index.ts';
import type { ProbedMachine } from './probed-machine.ts';

/** All that the reference guest learned by using each part, and what the machine's other end adds. */
export interface Gathered extends Omit<SeenMachine, keyof Seen>, Seen {
  readonly chipset: ChipsetFacts | null;
  readonly disks: readonly DiskFacts[];
  /** Null where there is none. */
  readonly balloon: GatheredBalloon | null;
}

/**
 * Lets the reference guest use every part of the machine, by another port than the machine's if one is given, and
 * observes from the other end.
 */
export function gather(machine: ProbedMachine, task: ProbeTask, port: GuestPort = machine.port): Gathered {
  const functions = enumerate(port);
  const chipset = probeChipset(port, functions);
  const whole = { memory: machine.ramBytes, ...task };
  const seen = explore(port, functions, whole, (met) => bothEnds(met, machine, whole)) as Seen;
  const { adapters, balloons } = seen;
  return {
    functions,
    chipset,
    ...seen,
    disks: adapters.flatMap(({ disks }) => disks),
    otherUnits: adapters.reduce((sum, { otherUnits }) => sum + otherUnits, 0),
    hotplug: adapters.some(({ features }) => features.includes('HOTPLUG')),
    balloon: balloons[0] ?? null,
  };
}
