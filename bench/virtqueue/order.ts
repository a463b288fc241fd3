import { createInterface } from 'node:readline';
import { type Cell, RINGS } from './cells.ts';
import { AREAS, LAPS, shapeOf } from './image.ts';

/**
 * An order to a peer: load the image, then `repeats` times make a batch available and use it. One line of text;
 * the peers in C and Rust read the same fields in the same order.
 */
export interface Order {
  readonly image: string;
  readonly packed: number;
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
  readonly lap0: number;
  readonly lap1: number;
  readonly size: number;
  readonly chains: number;
  readonly stride: number;
  readonly headFlags: number;
  readonly indirect: number;
  readonly eventIdx: number;
  readonly monitored: number;
  readonly copy: number;
  /** The device's answer to each chain, as long as its writable part. */
  readonly answer: number;
  /** Bytes of a chain, readable and writable. */
  readonly chainBytes: number;
  readonly batch: number;
  readonly repeats: number;
  /** 1: also measure the allocation per chain. */
  readonly heap: number;
}

/** The result. `chains` and `bytes` prove that the work was done; `allocated`, per chain, is -1 when not measured. */
export interface Outcome {
  readonly cpuNs: number;
  readonly chains: number;
  readonly bytes: number;
  readonly allocated: number;
}

const FIELDS: readonly Exclude<keyof Order, 'image'>[] = [
  'packed',
  'desc',
  'driver',
  'device',
  'lap0',
  'lap1',
  'size',
  'chains',
  'stride',
  'headFlags',
  'indirect',
  'eventIdx',
  'monitored',
  'copy',
  'answer',
  'chainBytes',
  'batch',
  'repeats',
  'heap',
];

export function orderFor(cell: Cell, image: string, repeats: number, heap: boolean): Order {
  const sum = (lengths: readonly number[]) => lengths.reduce((total, length) => total + length, 0);
  const { out, in: input } = cell.scenario;
  return {
    image,
    packed: RINGS.indexOf(cell.ring),
    ...AREAS,
    lap0: LAPS[0],
    lap1: LAPS[1],
    ...shapeOf(cell),
    indirect: Number(cell.indirect),
    eventIdx: Number(cell.scenario.eventIdx ?? false),
    monitored: Number(cell.scenario.monitored ?? false),
    copy: Number(cell.copy),
    answer: sum(input),
    chainBytes: sum(out) + sum(input),
    batch: cell.batch,
    repeats,
    heap: Number(heap),
  };
}

export function orderLine(order: Order): string {
  return [order.image, ...FIELDS.map((field) => order[field])].join(' ');
}

export function parseOrder(line: string): Order {
  const [image = '', ...values] = line.split(' ');
  const numbers = Object.fromEntries(FIELDS.map((field, i) => [field, Number(values[i])]));
  return { image, ...(numbers as unknown as Omit<Order, 'image'>) };
}

export function parseOutcome(line: string): Outcome {
  const [cpuNs = NaN, chains = NaN, bytes = NaN, allocated = NaN] = line.split(' ').map(Number);
  return { cpuNs, chains, bytes, allocated };
}

/** A peer's main loop: prints `ready` with its description, then answers each order with a line. */
export function answerOrders(name: string, carryOut: (order: Order) => Outcome): void {
  console.log(`ready ${name}`);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const { cpuNs, chains, bytes, allocated } = carryOut(parseOrder(line));
    console.log(`${cpuNs} ${chains} ${bytes} ${allocated}`);
  });
  lines.on('close', () => process.exit());
}
