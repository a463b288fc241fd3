import { valueText } from './value-text.ts';

/**
 * The caller's mistake, as opposed to the guest's or the medium's: thrown at once, with the path of what is
 * wrong, the value found, and what was expected. A long value is cut in the message, and whole in `value`.
 *
 * `new MisuseError('nics[0].mac', '42:01', 'six hex bytes (example 42:01:0a:80:00:02)').message` reads
 * `nics[0].mac: "42:01" is not six hex bytes (example 42:01:0a:80:00:02)`.
 * Where that makes no sentence, `plain` stands behind the path instead: `disk missing.img: no such file`.
 */
export class MisuseError extends Error {
  override readonly name = 'MisuseError';
  /** The option or argument, as `nics[0].mac`. */
  readonly path: string;
  /** What it was. */
  readonly value: unknown;

  constructor(path: string, value: unknown, expected: string, plain?: string) {
    super(`${path}: ${plain ?? `${valueText(value)} is not ${expected}`}`);
    this.path = path;
    this.value = value;
  }
}
