import { Option } from 'commander';
import { ARCHITECTURES, type Architecture } from '../audit/index.ts';
import { MisuseError } from '../core/misuse.ts';
import { REPORTERS, type Reporter } from './audit.ts';
import { isProfile, PROFILE_NAMES, type ProfileName } from './machines.ts';

const SEED_MAX = 0xffff_ffff;

/** Takes the value of option `name`, or throws a MisuseError. */
type Check<T> = (name: string, value: string) => T;

/** An option that may stand once. */
export function single<T>(flags: string, description: string, check: Check<T>): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: T | undefined) => {
    if (previous !== undefined) throw new MisuseError(option.long!, value, '', 'may be given once');
    return check(option.long!, value);
  });
}

/** An option that may be repeated; its values in order. */
export function repeatable<T>(flags: string, description: string, check: Check<T>): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: readonly T[] = []) => [
    ...previous,
    check(option.long!, value),
  ]);
}

/** A value that begins with a dash is more likely the next option: this one's value was forgotten. */
export function path(name: string, value: string): string {
  if (value === '' || value.startsWith('-'))
    throw new MisuseError(name, value, 'a path (./-x for a file named -x)');
  return value;
}

export function anyText(_name: string, value: string): string {
  return value;
}

export function profile(name: string, value: string): ProfileName {
  if (!isProfile(value)) throw new MisuseError(name, value, PROFILE_NAMES.join(' or '));
  return value;
}

export function seed(name: string, value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= SEED_MAX)) throw new MisuseError(name, value, `a whole number from 0 to ${SEED_MAX}`);
  return number;
}

export function architecture(name: string, value: string): Architecture {
  return oneOf(ARCHITECTURES, name, value);
}

export function reporter(name: string, value: string): Reporter {
  return oneOf(REPORTERS, name, value);
}

function oneOf<T extends string>(all: readonly T[], name: string, value: string): T {
  const found = all.find((one) => one === value);
  if (found === undefined) throw new MisuseError(name, value, all.join(', '));
  return found;
}
