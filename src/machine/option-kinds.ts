import * as v from 'valibot';
import { MisuseError, meant } from '../core/misuse.ts';
import { valueText } from '../core/value-text.ts';

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

/** Whether it is of numbered elements: of these there may be any number, and none is looked at. */
export function isNumbered(input: unknown): boolean {
  return Array.isArray(input) || ArrayBuffer.isView(input);
}

/** An object of these fields and no others; to valibot an array would be one. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  // Without `constructor` and `__proto__`, which every object has and a file may name.
  const own: Entries = Object.setPrototypeOf({ ...entries }, null);
  // Called for a missing field, too: the message is then what the field expects.
  const schema = v.strictObject(own, (issue) => {
    const name = String(issue.path?.at(-1)?.key);
    if (isUnknown(issue)) return meant(name, Object.keys(entries));
    const field = Object.hasOwn(entries, name) ? entries[name] : undefined;
    const missing = field && v.safeParse(field as v.GenericSchema, undefined).issues?.[0];
    return missing === undefined ? 'an object' : expectation(missing);
  });
  const refused = v.never('an object') as unknown as typeof schema;
  return v.lazy((input) => (isNumbered(input) ? refused : schema));
}

/** A list of at most this many elements; none is checked if there are more. */
export function listOf<Item extends v.GenericSchema>(item: Item, most: number, what = 'a list') {
  const list = v.array(item, what);
  const refused = v.never(`${what} of at most ${most}`) as unknown as typeof list;
  return v.lazy((input) => (Array.isArray(input) && input.length > most ? refused : list));
}

/** The fields of an object's schema. */
export function fieldsOf<Entries extends v.ObjectEntries>(schema: {
  getter(input: unknown): { readonly entries: Entries };
}): Entries {
  return schema.getter({}).entries;
}

/** Some fields, by their names. */
export function only<Entries extends v.ObjectEntries, Name extends keyof Entries>(
  entries: Entries,
  ...names: readonly Name[]
): Pick<Entries, Name> {
  return Object.fromEntries(names.map((name) => [name, entries[name]])) as Pick<Entries, Name>;
}

/**
 * Options from anywhere, a JSON file included, if they are what `schema` says.
 *
 * @param known the fields that may be there.
 * @throws MisuseError with the path, the value and what was expected: `nics[0].mac must be six hex bytes; got "42:01"`.
 */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  options: unknown,
  known = 'an option',
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, options);
  if (result.success) return result.output;
  const issue = result.issues.find(isUnknown) ?? result.issues[0];
  const keys = (issue.path ?? []).map(({ key }) => key);
  if (!isUnknown(issue)) throw new MisuseError(pathText(keys), issue.input, expectation(issue));
  const { input } = issue;
  const said = `${valueText(input)} is not ${known}${issue.message}`;
  throw new MisuseError(pathText(keys.slice(0, -1)), input, '', said);
}

/** A field that no schema names, possibly a misspelling of a missing one. */
function isUnknown({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && expected === 'never';
}

function pathText(path: readonly unknown[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || 'options';
}

/** Our own message if the schema has one, else valibot's. */
function expectation(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith('Invalid') ? (issue.expected ?? 'valid') : issue.message;
}
