import * as v from 'valibot';
import { MisuseError } from '../core/misuse.ts';

export const flag = v.boolean('true or false');

export const whole = (from: number, to: number) =>
  v.pipe(
    v.number(`a whole number from ${from} to ${to}`),
    v.check((n) => Number.isInteger(n) && n >= from && n <= to, `a whole number from ${from} to ${to}`),
  );

export const ringSize = v.pipe(
  v.number('a power of two from 2 to 32768'),
  v.check((n) => n >= 2 && n <= 32_768 && Number.isInteger(Math.log2(n)), 'a power of two from 2 to 32768'),
);

/** An object of these fields and no others; to valibot an array would be one. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  // Said of a field that is missing, too: there, what it should be.
  const schema = v.strictObject(entries, ({ path }) => {
    const name = String(path?.at(-1)?.key);
    const field = Object.hasOwn(entries, name) ? entries[name] : undefined;
    const issue = field && v.safeParse(field as v.GenericSchema, undefined).issues?.[0];
    return issue === undefined ? 'an object' : expectation(issue);
  });
  const refused = v.never('an object') as unknown as typeof schema;
  return v.lazy((input) => (Array.isArray(input) ? refused : schema));
}

/**
 * Options from anywhere, a JSON file included, if they are what `schema` says.
 *
 * @throws MisuseError with the path, the value and what was expected: `nics[0].mac: "42:01" is not six hex bytes`.
 */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  options: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, options);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const ofFields = issue.type === 'strict_object';
  const unknown = ofFields && issue.expected === 'never';
  const keys = (issue.path ?? []).map(({ key }) => key);
  const path = unknown ? keys.slice(0, -1) : keys;
  if (ofFields && !unknown && issue.input === undefined && keys.length > 0)
    throw new MisuseError(
      pathText(path),
      undefined,
      expectation(issue),
      `it is missing: ${expectation(issue)}`,
    );
  throw new MisuseError(pathText(path), issue.input, unknown ? 'an option' : expectation(issue));
}

function pathText(path: readonly unknown[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'options';
}

/** Our own words where the schema has some, else what valibot expected. */
function expectation(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith('Invalid') ? (issue.expected ?? 'valid') : issue.message;
}
