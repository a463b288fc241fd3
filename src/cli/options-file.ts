import { MisuseError } from '../core/misuse.ts';
import { checkOptions, type MachineOptions } from '../machine/options.ts';
import { inside } from '../media/file-errors.ts';
import { readJson } from './input.ts';

/** The machine's options in a JSON file; none without a file. */
export function optionsFrom(path: string | undefined): MachineOptions {
  if (path === undefined) return {};
  const given = readJson('options', path);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new MisuseError(`options ${path}`, given, 'an object');
  return inside('options', path, () => checkOptions(given));
}
