import type { Driver } from '../../../core/driver.ts';

/** How the report tells of a kind of device: to a person, and to a program. */
export interface PartReport<Seen, Json extends object = object> {
  /** If it is a PCI function: what that is to a person, and whose it is. */
  readonly function?: { readonly what: string; readonly driver: Driver<unknown> };
  /** A line for each: its kind, which one it is, what was seen of it. */
  rows(seen: readonly Seen[]): readonly (readonly [string, string, string])[];
  /** Fields of the report for programs; an empty object where there are none. */
  json(seen: readonly Seen[]): Json;
}
