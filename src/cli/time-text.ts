import type { Nanos } from '../core/bits.ts';

const SECOND: Nanos = 1_000_000_000;
const UNITS: Readonly<Record<string, Nanos>> = { ms: SECOND / 1000, s: SECOND, min: 60 * SECOND };

export const TIME_EXAMPLES = 'examples 30s, 500ms, 2min';

/** Virtual time in the form `30s`, `1.5s`, `500ms`, `2min`; null for any other text. */
export function timeOf(text: string): Nanos | null {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|min)$/.exec(text) ?? [];
  return number === undefined ? null : Math.round(Number(number) * UNITS[unit!]!);
}

/** Seconds, to the millisecond: `1.5 s`. */
export function secondsText(time: Nanos): string {
  return `${Math.round(time / (SECOND / 1000)) / 1000} s`;
}
