import { hex } from '../../core/bits.ts';
import type { Driver } from '../../core/driver.ts';
import {
  type AdapterFacts,
  type Kind,
  type SerialFacts,
  virtioBalloonDriver,
  virtioNetDriver,
  virtioRngDriver,
  virtioScsiDriver,
} from '../../guest/index.ts';
import type { Gathered } from './gather.ts';
import type { GatheredBalloon } from './other-end/balloon.ts';
import type { SeenOf } from './other-end/index.ts';
import type { GatheredNic } from './other-end/net.ts';

/** The report of a kind of device: for people, and for programs. */
interface PartReport<Seen, Json extends object = object> {
  /** For a PCI function: its name for people, and its driver. */
  readonly function?: { readonly what: string; readonly driver: Driver<unknown> };
  /** A line for each: its kind, its name, what was seen of it. */
  rows(seen: readonly Seen[]): readonly (readonly [string, string, string])[];
  /** Fields of the report for programs; an empty object where there are none. */
  json(seen: readonly Seen[]): Json;
}

const nameOf = (index: number): string => `ttyS${index}`;

const serialReport = {
  rows: (seen) =>
    seen.map(({ port, irq, type, loopback }, i) => [
      nameOf(i),
      `${hex(port, 3)} irq ${irq ?? 'none'}`,
      `${type}${loopback ? ', loopback works' : ''}`,
    ]),
  json: (seen: readonly SerialFacts[]) => ({
    serial: seen.map(({ port, irq, type }, i) => ({ name: nameOf(i), port, irq, type })),
  }),
} satisfies PartReport<SerialFacts>;

const SHOWN_DIGITS = 16;

const adapterReport = {
  function: { what: 'storage', driver: virtioScsiDriver },
  rows: (seen) =>
    disksOf(seen).map(
      ({ target, lun, vendor, product, revision, blocks, logicalBlock, physicalBlock, sha256 }) => [
        'disk',
        `target ${target} lun ${lun}`,
        `${vendor} ${product} ${revision}, ${size(blocks * logicalBlock)}, ${logicalBlock}/${physicalBlock}, ${read(sha256)}`,
      ],
    ),
  json: (seen: readonly AdapterFacts[]) => ({
    disks: disksOf(seen).map(({ target, lun, vendor, product, logicalBlock, physicalBlock, blocks }) => ({
      target,
      lun,
      vendor,
      product,
      logicalBlock,
      physicalBlock,
      blocks,
    })),
  }),
} satisfies PartReport<AdapterFacts>;

function disksOf(seen: readonly AdapterFacts[]): AdapterFacts['disks'] {
  return seen.flatMap(({ disks }) => disks);
}

function read(sha256: string | null): string {
  return sha256 === null ? 'not read whole' : `SHA-256 ${sha256.slice(0, SHOWN_DIGITS)}…`;
}

function size(bytes: number): string {
  return bytes % (1 << 20) === 0 ? `${bytes / (1 << 20)} MiB` : `${bytes} bytes`;
}

const nicReport = {
  function: { what: 'network', driver: virtioNetDriver },
  rows: (seen) => seen.map(({ facts }) => ['net', facts.mac, facts.features.join(' ')]),
  json: (seen: readonly GatheredNic[]) => ({
    nics: seen.map(({ facts: { mac, features } }) => ({ mac, features })),
  }),
} satisfies PartReport<GatheredNic>;

const SHOWN_BYTES = 8;

const randomReport = {
  function: { what: 'entropy', driver: virtioRngDriver },
  rows: (seen) =>
    seen.map((bytes) => [
      'rng',
      `${bytes.length} bytes`,
      Buffer.from(bytes.subarray(0, SHOWN_BYTES)).toString('hex'),
    ]),
  json: () => ({}),
} satisfies PartReport<Uint8Array>;

const balloonReport = {
  function: { what: 'memory', driver: virtioBalloonDriver },
  rows: (seen) =>
    seen.map(({ asked, given, left }) => ['balloon', `${asked} pages`, `${given} given, ${left} left`]),
  json: () => ({}),
} satisfies PartReport<GatheredBalloon>;

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
