import type { Driver } from '../../../core/driver.ts';

/** The report of a kind of device: for people, and for programs. */
export interface PartReport<Seen, Json extends object = object> {
  /** For a PCI function: its name for people, and its driver. */
  readonly function?: { readonly what: string; readonly driver: Driver<unknown> };
  /** A line for each: its kind, its name, what was seen of it. */
  rows(seen: readonly Seen[]): readonly (readonly [string, string, string])[];
  /** Fields of the report for programs; an empty object where there are none. */
  json(seen: readonly Seen[]): Json;
}
