import * as v from 'valibot';

export const flag = v.boolean('true or false');

export const whole = (from: number, to: number) =>
  v.pipe(
    v.number(`a whole number from ${from} to ${to}`),
    v.check((n) => Number.isInteger(n) && n >= from && n <= to, `a whole number from ${from} to ${to}`),
  );

/** An object of these fields and no others; to valibot an array would be one. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  const schema = v.strictObject(entries, 'an object');
  const refused = v.never('an object') as unknown as typeof schema;
  return v.lazy((input) => (Array.isArray(input) ? refused : schema));
}
