import { nearest } from './nearest.ts';
import { valueText } from './value-text.ts';

/** A longer name is no typing error, and would take long to compare. */
const LONGEST = 64;

/**
 * The caller's mistake, as opposed to the guest's or the medium's: thrown at once, with the path of what is
 * wrong, the value found, and what it must be. A long value is cut in the message, and whole in `value`.
 *
 * `new MisuseError('nics[0].mac', '42:01', 'six hex bytes (example 42:01:0a:80:00:02)').message` reads
 * `nics[0].mac must be six hex bytes (example 42:01:0a:80:00:02); got "42:01"`, and for a value that is
 * undefined `nics[0].mac is required: six hex bytes (example 42:01:0a:80:00:02)`.
 * With the names that the value may be, it ends with the nearest: `; did you mean virtio/FEAT-D1?`
 * Where that makes no sentence, a text stands behind the path instead: `disk missing.img: no such file`.
 */
export class MisuseError extends Error {
  override readonly name = 'MisuseError';
  /** The option or argument, as `nics[0].mac`. */
  readonly path: string;
  /** What it was. */
  readonly value: unknown;

  constructor(path: string, value: unknown, expected: string, instead?: string | readonly string[]) {
    super(
      typeof instead === 'string'
        ? `${path}: ${instead}`
        : `${path} ${demand(value, expected)}${meant(value, instead)}`,
    );
    this.path = path;
    this.value = value;
  }
}

function demand(value: unknown, expected: string): string {
  return value === undefined ? `is required: ${expected}` : `must be ${expected}; got ${valueText(value)}`;
}

/** `; did you mean nics?`, or nothing. */
export function meant(written: unknown, names: readonly string[] = []): string {
  if (typeof written !== 'string' || written.length > LONGEST || names.length === 0) return '';
  const near = nearest(written, names);
  return near === null ? '' : `; did you mean ${near}?`;
}

/** A mistake that was told elsewhere: in another thread, or by another path. */
export function misuseOf({ path, message }: Pick<MisuseError, 'path' | 'message'>): MisuseError {
  return Object.assign(new MisuseError(path, '', ''), { message });
}
