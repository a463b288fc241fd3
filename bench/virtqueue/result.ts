import type { PeerName } from './peer.ts';

/** One measured cell; null if a peer or a build is missing. The names are those of the JSON. */
export interface CellResult {
  readonly scenario: string;
  readonly ring: string;
  readonly indirect: boolean;
  readonly copy: boolean;
  readonly batch: number;
  readonly peer: PeerName;
  readonly build: string;
  /** Median over the rounds. */
  readonly nsPerChain: number | null;
  /** Median over the rounds of each round's ratio. */
  readonly ratioToC: number | null;
  readonly bytesAllocatedPerChain: number | null;
}

export interface Summary {
  readonly splitWalkGeomeanToC: number | null;
  readonly packedWalkGeomeanToC: number | null;
  readonly copyGeomeanToC: number | null;
  readonly copyWasmGeomeanToC: number | null;
  /** For batches that are large enough to be worthwhile. */
  readonly batchWalkGeomeanToC: number | null;
  readonly batchCopyGeomeanToC: number | null;
  /** Cells without copy, which measure the queue; with copy memory is compared. */
  readonly fasterThanRustCells: number | null;
  readonly rustCells: number | null;
  readonly v86GeomeanSpeedup: number | null;
  /** The factor of a chain's time while the driver is watched. */
  readonly judgeOn: number | null;
}

export interface Result {
  readonly device: string;
  readonly node: string;
  readonly rounds: number;
  readonly cells: readonly CellResult[];
  readonly summary: Summary;
}

/** A cell that repeats one of ours under other conditions, not to be counted twice. */
const ASIDE = 'b-monitored';

export function summarize(cells: readonly CellResult[]): Summary {
  const ours = cells.filter(
    ({ peer, build, scenario }) => peer === 'guestrig' && build === 'plain' && scenario !== ASIDE,
  );
  const toC = (some: readonly CellResult[]) => geomean(present(some.map(({ ratioToC }) => ratioToC)));
  const against = (peer: PeerName, some: readonly CellResult[]) =>
    present(
      some.map((cell) => {
        const theirs = cellOf(cells, cell, peer)?.nsPerChain ?? null;
        return theirs === null || cell.nsPerChain === null ? null : theirs / cell.nsPerChain;
      }),
    );
  const walks = ours.filter(({ copy }) => !copy);
  const batches = cells.filter(
    ({ peer, build, batch }) => peer === 'guestrig' && build === 'batch' && batch >= 32,
  );
  const rust = against('rust-vmm', walks);
  return {
    splitWalkGeomeanToC: toC(walks.filter(({ ring }) => ring === 'split')),
    packedWalkGeomeanToC: toC(walks.filter(({ ring }) => ring === 'packed')),
    copyGeomeanToC: toC(ours.filter(({ copy }) => copy)),
    copyWasmGeomeanToC: toC(cells.filter(({ peer, build }) => peer === 'guestrig' && build === 'wasm')),
    batchWalkGeomeanToC: toC(batches.filter(({ copy }) => !copy)),
    batchCopyGeomeanToC: toC(batches.filter(({ copy }) => copy)),
    fasterThanRustCells: rust.length === 0 ? null : rust.filter((speedup) => speedup > 1).length,
    rustCells: rust.length === 0 ? null : rust.length,
    v86GeomeanSpeedup: geomean(against('v86', ours)),
    judgeOn: geomean(monitored(cells)),
  };
}

/** Each watched cell of ours divided by the same cell unwatched. */
function monitored(cells: readonly CellResult[]): number[] {
  const watched = cells.filter(({ peer, scenario }) => peer === 'guestrig' && scenario === ASIDE);
  return present(
    watched.map((cell) => {
      const off = cellOf(cells, { ...cell, scenario: 'b' }, 'guestrig', cell.build)?.nsPerChain ?? null;
      return off === null || cell.nsPerChain === null ? null : cell.nsPerChain / off;
    }),
  );
}

/** The same work as `cell` in another variant. */
export function cellOf(
  cells: readonly CellResult[],
  cell: CellResult,
  peer: PeerName,
  build?: string,
): CellResult | undefined {
  return cells.find(
    (other) =>
      other.peer === peer &&
      (build === undefined || other.build === build) &&
      other.scenario === cell.scenario &&
      other.ring === cell.ring &&
      other.indirect === cell.indirect &&
      other.copy === cell.copy &&
      other.batch === cell.batch,
  );
}

/** Null for an empty list. */
export function geomean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function present(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}
