import { MisuseError } from '../core/misuse.ts';
import { checkOptions, type MachineOptions } from '../machine/options.ts';
import { readInput } from './files.ts';

/** The machine's options as a JSON file has them; none, if there is no file. */
export function optionsFrom(path: string | undefined): MachineOptions {
  if (path === undefined) return {};
  const given = parse(path);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new MisuseError(`options ${path}`, given, 'an object');
  return checkOptions(given);
}

function parse(path: string): unknown {
  const text = readInput('options', path).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MisuseError(`options ${path}`, path, 'JSON', `not JSON: ${(error as Error).message}`);
  }
}
