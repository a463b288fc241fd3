/** The driver's chains: readable bytes, then writable bytes, each number a descriptor. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly out: readonly number[];
  readonly in: readonly number[];
  /** The same device with VIRTIO_F_EVENT_IDX, or with its driver watched, as on a machine with a judge. */
  readonly eventIdx?: true;
  readonly monitored?: true;
}

export type Ring = 'split' | 'packed';
export const RINGS: readonly Ring[] = ['split', 'packed'];
export const BATCHES = [1, 32, 256] as const;

/** One line of the table: the scenario, and the ring. */
export interface Cell {
  readonly scenario: Scenario;
  readonly ring: Ring;
  readonly indirect: boolean;
  readonly copy: boolean;
  /** Chains that the driver makes available at a time; the device publishes them together. */
  readonly batch: number;
}

const RECEIVE = { out: [16], in: [1500] } as const;

const A: Scenario = { name: 'a', about: 'one buffer of 64 bytes', out: [64], in: [] };
const B: Scenario = { name: 'b', about: 'network receive, 16 out and 1500 in', ...RECEIVE };
const C: Scenario = { name: 'c', about: 'SCSI read, 51 out, 108 and 4096 in', out: [51], in: [108, 4096] };
const D: Scenario = { name: 'd', about: '16 segments of 4 KiB in', out: [], in: new Array(16).fill(4096) };
const B_EVENT_IDX: Scenario = {
  ...B,
  name: 'b-event-idx',
  about: 'b, with EVENT_IDX negotiated',
  eventIdx: true,
};
const B_MONITORED: Scenario = {
  ...B,
  name: 'b-monitored',
  about: 'b, with its driver watched',
  monitored: true,
};

export const SCENARIOS: readonly Scenario[] = [A, B, C, D, B_EVENT_IDX, B_MONITORED];

/** Scenario, indirect tables, whether also with copies. */
const ROWS: readonly (readonly [Scenario, indirect: boolean, copies: readonly boolean[]])[] = [
  [A, false, [false, true]],
  [B, false, [false, true]],
  [C, false, [false, true]],
  [C, true, [false, true]],
  [D, false, [false, true]],
  [B_EVENT_IDX, false, [false, true]],
  [B_MONITORED, false, [false]],
];

export const CELLS: readonly Cell[] = RINGS.flatMap((ring) =>
  ROWS.flatMap(([scenario, indirect, copies]) =>
    copies.flatMap((copy) => BATCHES.map((batch) => ({ scenario, ring, indirect, copy, batch }))),
  ),
);

/** `split c indirect, copy, batch 32` */
export function cellName({
  scenario,
  ring,
  indirect,
  copy,
  batch,
}: Omit<Cell, 'scenario' | 'ring'> & { scenario: { name: string }; ring: string }): string {
  return `${ring} ${scenario.name}${indirect ? ' indirect' : ''}${copy ? ', copy' : ''}, batch ${batch}`;
}
