import { MisuseError } from '../core/misuse.ts';
import { buildMachine as built } from '../machine/computer.ts';
import type { DiskOptions } from '../machine/devices/disks.ts';
import type { Machine } from '../machine/machine.ts';
import { checkOptions, type MachineOptions } from '../machine/options.ts';
import { planFor } from '../machine/plan.ts';
import type { ProfileName } from '../machine/profile.ts';
import { PROFILES } from '../machine/profiles.ts';
import { inside } from '../media/file-errors.ts';
import { checkRaw } from '../media/file-kind.ts';
import { readJson } from './input.ts';

export function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

export function buildMachine(profile: ProfileName | undefined, options: MachineOptions): Machine {
  return built(planFor(PROFILES[profile ?? 'gce-n1'], options));
}

/** The machine's options in a JSON file; none without a file. */
export function optionsFrom(path: string | undefined): MachineOptions {
  if (path === undefined) return {};
  const given = readJson('options', path);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new MisuseError(`options ${path}`, given, 'an object');
  return inside('options', path, () => checkOptions(given));
}

/** Disks of the command line, or else of the options. @throws MisuseError for an image that is not raw. */
export function rawDisks(
  files: readonly string[] | undefined,
  options: MachineOptions,
): DiskOptions[] | undefined {
  const disks = files?.map((file): DiskOptions => ({ file })) ?? options.disks;
  for (const { file } of disks ?? []) if (file !== undefined) checkRaw(file);
  return disks;
}
