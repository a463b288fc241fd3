import { MisuseError } from '../../core/misuse.ts';

/** Takes `part` out of `parts`. @throws MisuseError if it is not among them. */
export function take<T extends object>(part: T, parts: T[], what: string): void {
  const at = parts.indexOf(part);
  if (at < 0) throw new MisuseError(what, at, '', 'is not in this machine, or no longer');
  parts.splice(at, 1);
}
