import { MisuseError } from '../../core/misuse.ts';

/** Takes `part` out of `parts`. @throws MisuseError if it is not among them. */
export function take<T extends object>(part: T, parts: T[], what: string): void {
  parts.splice(placeOf(part, parts, what), 1);
}

/** @throws MisuseError if it is not among them. */
export function placeOf<T extends object>(part: T, parts: readonly T[], what: string): number {
  const at = parts.indexOf(part);
  if (at < 0) throw new MisuseError(what, at, '', 'is not in this machine, or no longer');
  return at;
}
