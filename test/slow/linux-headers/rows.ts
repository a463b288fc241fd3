import type { Register } from '../../../src/core/register.ts';
import type { Struct } from '../../../src/core/struct.ts';

/** A name of ours, the same thing as an expression in C, and the value that we declare. */
export type Row = readonly [ours: string, c: string, value: number];

/** The names of the header for all of a table's keys; null if the header has none, so that none is forgotten. */
type NamesOf<T> = { readonly [K in keyof T]: string | null };

/** A register's offset and the bits of each field. */
export function register<F extends Register['fields']>(
  ours: Register<F>,
  offset: string,
  fields: NamesOf<F>,
): Row[] {
  const masks = constants(ours.name, ours.mask, fields);
  return [[`${ours.name}.offset`, offset, ours.offset], ...masks];
}

/** Offset and size of each member of a structure; `names` where the header spells a member otherwise. */
export function members<T extends Struct['members']>(
  ours: Struct<T>,
  type: string,
  names: { readonly [K in keyof T]?: string } = {},
): Row[] {
  const keys = Object.keys(ours.members) as (keyof T & string)[];
  return keys.flatMap((key, index): Row[] => {
    const member = names[key] ?? key;
    const next = keys[index + 1];
    const end = next === undefined ? ours.size : ours.offset[next];
    return [
      [`${ours.name}.offset.${key}`, `offsetof(${type}, ${member})`, ours.offset[key]],
      [`the size of ${ours.name}.${key}`, `sizeof(((${type} *)0)->${member})`, end - ours.offset[key]],
    ];
  });
}

/** As `members`, of a structure that ends where the header's does. */
export function whole<T extends Struct['members']>(
  ours: Struct<T>,
  type: string,
  names: { readonly [K in keyof T]?: string } = {},
): Row[] {
  return [...members(ours, type, names), [`${ours.name}.size`, `sizeof(${type})`, ours.size]];
}

export function constants<T extends { readonly [name: string]: number }>(
  ours: string,
  table: T,
  names: NamesOf<T>,
): Row[] {
  return Object.entries(names).flatMap(([key, c]): Row[] =>
    c === null ? [] : [[`${ours}.${key}`, c, table[key]!]],
  );
}

/** Where the header puts one prefix before our names. */
export function prefixed<T extends { readonly [name: string]: number }>(
  ours: string,
  table: T,
  prefix: string,
): Row[] {
  return Object.entries(table).map(([key, value]): Row => [`${ours}.${key}`, prefix + key, value]);
}
