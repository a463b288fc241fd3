import { baselineOf, checkBaseline } from '../conformance/suite/baseline.ts';
import type { Conformance, Known } from '../conformance/suite/conformance.ts';
import { inside, wrongFile } from './file-errors.ts';
import { readInput } from './input.ts';
import { replaceFile } from './output.ts';

/** Known failures of a driver, from a JSON file: `{ "known": [{ "clause", "subject", "reason" }] }`. */
export function readBaseline(path: string): readonly Known[] {
  const given = parse(path);
  return inside('baseline', path, () => checkBaseline(given));
}

/** Writes all present failures of a driver; the reasons of known ones stay. @returns how many there are. */
export function writeBaseline(path: string, report: Conformance, before: readonly Known[]): number {
  const baseline = baselineOf(report, before);
  replaceFile('baseline', path, JSON.stringify(baseline, null, 2));
  return baseline.known.length;
}

function parse(path: string): unknown {
  const text = readInput('baseline', path).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongFile('baseline', path, `not JSON: ${(error as Error).message}`);
  }
}
