import { fileURLToPath } from 'node:url';
import { type Measured, measured } from '../host.ts';
import { Turns } from '../turns.ts';
import { median } from '../virtqueue/result.ts';
import { JUDGE_CELLS, type JudgeCell, VARIANTS, type Variant } from './cells.ts';

/** Duration of a turn: short, so that a disturbance hits all variants of a cell alike. */
const TURN_NS = 16e6;
/** Warm-up time of a process: a whole machine is much code, which the engine compiles as it goes. */
const WARM_NS = 2e9;

export type JudgeResult = Measured<JudgeFigures>;

/** The time of a cell with each variant, and the factor with a watcher. */
export interface JudgeFigures {
  readonly name: string;
  readonly ns: Readonly<Record<Variant, number>>;
  readonly ratio: number;
  readonly goal: 'aim reached' | 'holds' | 'missed';
}

/** A cell with a variant, in its own process. */
class Seat {
  readonly variant: Variant;
  repeats = 64;
  readonly ns: number[] = [];
  private readonly turns: Turns;

  constructor(cell: JudgeCell, variant: Variant) {
    this.variant = variant;
    const worker = fileURLToPath(new URL('worker.js', import.meta.url));
    this.turns = new Turns(process.execPath, worker, cell.name, variant);
  }

  async warmUp(): Promise<void> {
    for (let spent = 0; spent < WARM_NS; ) spent += await this.turn();
    while ((await this.turn()) < TURN_NS) this.repeats *= 2;
  }

  /** CPU time of one turn. */
  turn(): Promise<number> {
    return this.turns.take(`${this.repeats}`);
  }

  stop(): void {
    this.turns.stop();
  }
}

/** Measures the cost of judging: each variant of a cell takes a turn per round, and the median of the ratios counts. */
export async function measureJudge(
  rounds: number,
  only: (name: string) => boolean,
  variantsOf: (cell: JudgeCell) => readonly Variant[] = () => VARIANTS,
): Promise<JudgeResult> {
  const cells: JudgeFigures[] = [];
  for (const cell of JUDGE_CELLS.filter(({ name }) => only(name)))
    cells.push(await measureCell(cell, rounds, variantsOf(cell)));
  return measured(rounds, cells);
}

/** The two variants whose ratio counts. */
export function compared({ watched, than }: JudgeCell): readonly Variant[] {
  return [watched, than];
}

async function measureCell(
  cell: JudgeCell,
  rounds: number,
  variants: readonly Variant[],
): Promise<JudgeFigures> {
  const seats = variants.map((variant) => new Seat(cell, variant));
  for (const seat of seats) await seat.warmUp();
  for (let round = 0; round < rounds; round++)
    for (const seat of seats) seat.ns.push((await seat.turn()) / seat.repeats);
  for (const seat of seats) seat.stop();
  const times = (variant: Variant) => seats.find((seat) => seat.variant === variant)!.ns;
  const ratio = median(times(cell.watched).map((ns, round) => ns / times(cell.than)[round]!));
  const ns = Object.fromEntries(seats.map((seat) => [seat.variant, median(seat.ns)]));
  return { name: cell.name, ns: ns as JudgeFigures['ns'], ratio, goal: goalOf(cell, ratio) };
}

/** Without a required limit, a figure beyond the aim is only reported. */
function goalOf({ must, aim }: JudgeCell, ratio: number): JudgeFigures['goal'] {
  if (ratio <= aim) return 'aim reached';
  return must !== null && ratio <= must ? 'holds' : 'missed';
}
