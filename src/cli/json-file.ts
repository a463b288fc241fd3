import { wrongFile } from './file-errors.ts';
import { readInput } from './input.ts';
import type { InputKind } from './input-limits.ts';

/** Deeper than any valid file, and shallow enough for an error message. */
const DEEPEST = 32;

/** The value of a JSON file. @throws MisuseError, with the file's name, if it is not JSON. */
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
