import { gceN1 } from '../machine/gce-n1.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { qemuPc } from '../machine/qemu-pc.ts';

const BUILDERS = { 'gce-n1': gceN1, 'qemu-pc': qemuPc } as const;

export type ProfileName = keyof typeof BUILDERS;
export const PROFILE_NAMES = Object.keys(BUILDERS) as ProfileName[];

export function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(BUILDERS, name);
}

export function buildMachine(profile: ProfileName | undefined, options: MachineOptions): Machine {
  return BUILDERS[profile ?? 'gce-n1'](options);
}
