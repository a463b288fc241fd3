import { describe, expect, test } from 'vitest';
import { START_CELLS, type StartCell, type Turn } from './cells.ts';
import { goalOf } from './report.ts';
import { figuresOf } from './run.ts';

const cellOf = (name: string): StartCell => START_CELLS.find((cell) => cell.name === name)!;
const round = ({ program, baseline }: StartCell, ofProgram: Turn, ofBaseline: Turn) =>
  new Map([
    [program, ofProgram],
    [baseline, ofBaseline],
  ]);

describe('the benchmark of the start', () => {
  test('compares a program with its baseline of the same round: a slow round slows both', () => {
    const cell = cellOf('import');

    const took = (whole: number) => ({ whole, told: [] });

    const figures = figuresOf(cell, [
      round(cell, took(90), took(50)),
      round(cell, took(190), took(150)),
      round(cell, took(95), took(54)),
    ]);

    expect(figures).toEqual({ name: 'import', ms: 95, baseline: 54, over: 40 });
  });

  test('excludes the first twenty machines from the later ones', () => {
    const cell = cellOf('machine');
    const turn = { whole: 0, told: [...Array(20).fill(50), ...Array(200).fill(2)] };

    expect(figuresOf(cell, [round(cell, turn, turn)]).ms).toBe(2);
    expect(figuresOf(cellOf('first machine'), [round(cell, turn, turn)]).ms).toBe(50);
  });

  test.each([
    ['import', { ms: 200, over: 25 }, 'aim reached'],
    ['import', { ms: 200, over: 60 }, 'holds'],
    ['import', { ms: 200, over: 61 }, 'missed'],
    ['machine', { ms: 3, over: 0 }, 'holds'],
    ['machine', { ms: 4, over: 0 }, 'missed'],
    ['machine, mean', { ms: 4, over: 0 }, 'missed'],
  ])('holds %s of %o against its goal', (name, figures, so) => {
    expect(goalOf(cellOf(name), { name, baseline: 0, ...figures })).toBe(so);
  });
});
