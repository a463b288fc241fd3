import { MisuseError } from './misuse.ts';

// Checks for arguments from callers without types, or with wrong ones. Each throws MisuseError with the given path.

export function checkBytes(path: string, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new MisuseError(path, bytes, 'a Uint8Array');
}

export function checkWhole(path: string, value: number, least: number, most: number): void {
  if (!(Number.isInteger(value) && value >= least && value <= most))
    throw new MisuseError(path, value, `a whole number from ${least} to ${most}`);
}

export function checkList(path: string, list: unknown): void {
  if (!Array.isArray(list)) throw new MisuseError(path, list, 'a list');
}

/** Checks for `least` to `most` bytes. */
export function checkSized(path: string, bytes: Uint8Array, least: number, most: number): void {
  checkBytes(path, bytes);
  const { length } = bytes;
  if (length < least || length > most)
    throw new MisuseError(`${path}.length`, length, `a number from ${least} to ${most}`);
}

export function checkFunction(path: string, given: unknown): void {
  if (typeof given !== 'function') throw new MisuseError(path, given, 'a function');
}

/** @param expected such as `a backend (send, attach)`. */
export function checkMethods(
  path: string,
  given: unknown,
  methods: readonly string[],
  expected: string,
): void {
  if (!hasMethods(given, methods)) throw new MisuseError(path, given, expected);
}

/** Whether it is an object or a function with these methods. Nothing that a JSON file can hold is. */
export function hasMethods(given: unknown, methods: readonly string[]): boolean {
  const object = given as Record<string, unknown> | null | undefined;
  return methods.every((method) => typeof object?.[method] === 'function');
}

export function checkObject(path: string, given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new MisuseError(path, given, 'an object');
}
