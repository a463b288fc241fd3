import { PROFILES, type ProfileName } from '../conformance/suite/play.ts';
import { buildMachine as built } from '../machine/computer.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { planFor } from '../machine/plan.ts';

export type { ProfileName };

export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];

export function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

export function buildMachine(profile: ProfileName | undefined, options: MachineOptions): Machine {
  return built(planFor(PROFILES[profile ?? 'gce-n1'], options));
}
