import type { Exception } from './log.ts';
import { isSoftware } from './software.ts';

/** Lines of ours that a log has not, and why it has not. */
export interface Beyond extends Omit<Exception, 'line'> {
  readonly lines: RegExp;
}

/**
 * The lines of `found`, from where `expected` begins, that describe the machine and occur more often than in
 * `expected`.
 *
 * @param expected in the wording of our kernel.
 */
export function beyond(expected: readonly string[], found: readonly string[]): string[] {
  const later = found.slice(Math.max(0, found.indexOf(expected[0]!)));
  const often = (lines: readonly string[], line: string) => lines.filter((other) => other === line).length;
  return later.filter((line) => !isSoftware(line) && often(later, line) > often(expected, line));
}
