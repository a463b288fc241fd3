import type { FactsOf, Kind, Met, ProbeTask } from '../../../guest/index.ts';
import type { ProbedMachine } from '../probed-machine.ts';
import { KINDS } from './all.kinds.ts';
import type { ProbedKind } from './kind.ts';

/** The facts about a device of a kind, from both ends. */
type SeenOf<K extends Kind> = K extends Kind
  ? (typeof KINDS)[K] extends { bothEnds: (...met: never[]) => infer Seen }
    ? Seen
    : FactsOf<K>
  : never;

type Both<Union> = (Union extends unknown ? (of: Union) => void : never) extends (of: infer All) => void
  ? All
  : never;
type KindsJson = Both<ReturnType<(typeof KINDS)[Kind]['json']>>;

/** What was seen of each kind of device, from both ends. */
export type Seen = { readonly [K in Kind]: readonly SeenOf<K>[] };

const ALL: { readonly [K in Kind]: ProbedKind<K, SeenOf<K>> } = KINDS;
const ENTRIES = Object.entries(ALL) as [Kind, ProbedKind<Kind, unknown>][];

export function bothEnds(met: Met, machine: ProbedMachine, task: ProbeTask): SeenOf<Kind> {
  const { bothEnds: add } = ALL[met.kind] as ProbedKind<Kind, SeenOf<Kind>>;
  return add === undefined ? (met.facts as SeenOf<Kind>) : add(met, machine, task);
}

export function kindRows(seen: Seen): (readonly string[])[] {
  return ENTRIES.flatMap(([kind, { rows }]) => rows(seen[kind]));
}

export function kindsJson(seen: Seen): KindsJson {
  return Object.assign({}, ...ENTRIES.map(([kind, { json }]) => json(seen[kind])));
}

/** The PCI functions that the guest has drivers for: a name for people, and the driver. */
export const KNOWN_FUNCTIONS = ENTRIES.flatMap(([, kind]) => kind.function ?? []);
