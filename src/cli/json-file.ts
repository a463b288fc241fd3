import { readInput } from './input.ts';
import type { InputKind } from './input-limits.ts';
import { wrongFile } from './reaching.ts';

/** More than anything is within anything else, and less than a message about it could not be made of. */
const DEEPEST = 32;

/** What a JSON file holds. @throws MisuseError for what is none, and names the file. */
export function readJson(kind: InputKind, path: string): unknown {
  const given = parse(kind, path);
  if (isDeeper(given, DEEPEST)) throw wrongFile(kind, path, `is more than ${DEEPEST} levels deep`);
  return given;
}

function parse(kind: InputKind, path: string): unknown {
  const text = readInput(kind, path).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongFile(kind, path, `not JSON: ${(error as Error).message}`);
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
