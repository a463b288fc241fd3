import type { Kind } from '../../../guest/index.ts';
import type { Gathered } from '../gather.ts';
import type { SeenOf } from '../other-end/index.ts';
import { adapterReport } from './adapters.ts';
import { balloonReport } from './balloons.ts';
import { nicReport } from './nics.ts';
import type { PartReport } from './part-report.ts';
import { randomReport } from './random.ts';
import { serialReport } from './serial.ts';

/** The report of each kind of device, in order. */
const REPORTS = {
  serial: serialReport,
  adapters: adapterReport,
  nics: nicReport,
  random: randomReport,
  balloons: balloonReport,
} satisfies { readonly [K in Kind]: PartReport<SeenOf<K>> };

type Both<Union> = (Union extends unknown ? (of: Union) => void : never) extends (of: infer All) => void
  ? All
  : never;
type PartsJson = Both<ReturnType<(typeof REPORTS)[Kind]['json']>>;

const ENTRIES = Object.entries(REPORTS) as [Kind, PartReport<unknown>][];

export function partRows(seen: Gathered): (readonly string[])[] {
  return ENTRIES.flatMap(([kind, report]) => report.rows(seen[kind]));
}

export function partsJson(seen: Gathered): PartsJson {
  return Object.assign({}, ...ENTRIES.map(([kind, report]) => report.json(seen[kind])));
}

/** The PCI functions that the guest has drivers for: a name for people, and the driver. */
export const KNOWN_FUNCTIONS = ENTRIES.flatMap(([, report]) => report.function ?? []);
