import type { FactsOf, Kind, Met, ProbeErrand } from '../../../guest/index.ts';
import type { ProbedMachine } from '../probed-machine.ts';
import { askForPages } from './balloon.ts';
import { watchWire } from './net.ts';

type OtherEnd<K extends Kind> = (
  met: Extract<Met, { kind: K }>,
  machine: ProbedMachine,
  errand: ProbeErrand,
) => unknown;

/** What the machine's other end adds to what the guest learned, by kind of device. */
const OTHER_END = {
  nics: ({ handle, facts, at }, { nics }, { frames }) =>
    watchWire(handle, facts, nics.find(({ fn }) => fn.bdf === at)!, frames),
  balloons: ({ handle }, machine) => askForPages(handle, machine),
} satisfies { readonly [K in Kind]?: OtherEnd<K> };

/** The facts about a device of a kind, from both ends. */
export type SeenOf<K extends Kind> = K extends keyof typeof OTHER_END
  ? ReturnType<(typeof OTHER_END)[K]>
  : FactsOf<K>;

export function bothEnds(met: Met, machine: ProbedMachine, errand: ProbeErrand): SeenOf<Kind> {
  const other: Partial<Record<Kind, OtherEnd<never>>> = OTHER_END;
  return (other[met.kind]?.(met as never, machine, errand) ?? met.facts) as SeenOf<Kind>;
}
