import { MisuseError } from '../core/misuse.ts';
import { checkOptions, type MachineOptions } from '../machine/options.ts';
import { readInput } from './input.ts';
import { inside, wrongFile } from './reaching.ts';

/** More than any option is within others, and less than a message about it could not be made of. */
const DEEPEST = 32;

/** The machine's options as a JSON file has them; none, if there is no file. */
export function optionsFrom(path: string | undefined): MachineOptions {
  if (path === undefined) return {};
  const given = parse(path);
  if (isDeeper(given, DEEPEST)) throw wrongFile('options', path, `is more than ${DEEPEST} levels deep`);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new MisuseError(`options ${path}`, given, 'an object');
  return inside('options', path, () => checkOptions(given));
}

function parse(path: string): unknown {
  const text = readInput('options', path).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongFile('options', path, `not JSON: ${(error as Error).message}`);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
