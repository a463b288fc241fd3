import { type CellResult, cellOf, type Result } from '../virtqueue/result.ts';

/** One line of a table: the work, and the times. */
export interface Row {
  readonly scenario: string;
  readonly ring: string;
  readonly copy: boolean;
  readonly batch: number;
  readonly plain: CellResult;
  readonly wasm: CellResult | undefined;
  readonly batches: CellResult | undefined;
  readonly c: CellResult | undefined;
  readonly rust: CellResult | undefined;
  readonly v86: CellResult | undefined;
}

export function rowsOf({ cells }: Result): Row[] {
  return cells
    .filter(({ peer, build }) => peer === 'guestrig' && build === 'plain')
    .map((plain): Row => {
      const { scenario, ring, indirect, copy, batch } = plain;
      return {
        scenario: indirect ? `${scenario} indirect` : scenario,
        ring,
        copy,
        batch,
        plain,
        wasm: cellOf(cells, plain, 'guestrig', 'wasm'),
        batches: cellOf(cells, plain, 'guestrig', 'batch'),
        c: cellOf(cells, plain, 'c'),
        rust: cellOf(cells, plain, 'rust-vmm'),
        v86: cellOf(cells, plain, 'v86'),
      };
    });
}

/** A figure with `digits` decimals, or a dash. */
export function figure(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits);
}
