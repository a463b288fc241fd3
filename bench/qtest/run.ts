import { buildPackage, type Measured, measured, ROOT } from '../host.ts';
import { median } from '../virtqueue/result.ts';
import { QTEST_CELLS } from './cells.ts';
import { Server } from './server.ts';

/** Milliseconds of a turn. */
const MILLISECONDS = 100;
const OURS = [process.execPath, `${ROOT}dist/cli/qtest/system.js`];
/** Debian's QEMU has no accelerator for qtest: its CPU halts, and its clock is real. */
const QEMU = [
  'qemu-system-x86_64',
  '-nodefaults',
  '-display',
  'none',
  '-accel',
  'tcg',
  '-bios',
  'FIRMWARE',
  '-M',
  'pc',
];

export type QtestResult = Measured<QtestFigures>;

/** Lines per second, medians of the rounds, and the median of the rounds' ratios. */
export interface QtestFigures {
  readonly name: string;
  readonly ours: number;
  readonly qemu: number;
  readonly quotient: number;
}

/** Builds the package; then both servers take a turn at each cell, in every round. */
export function measureQtest(rounds: number, only: (name: string) => boolean): QtestResult {
  buildPackage();
  const servers = [new Server(OURS), new Server(QEMU)] as const;
  try {
    const cells = QTEST_CELLS.filter(({ name }) => only(name));
    // The first turn is a warm-up.
    const turns = Array.from({ length: rounds + 1 }, () =>
      cells.map(({ line, ahead }) => servers.map((server) => server.measure(line, ahead, MILLISECONDS))),
    ).slice(1);
    const ofCell = (i: number) => turns.map((turn) => turn[i]!);
    return measured(
      rounds,
      cells.map(({ name }, i) => figures(name, ofCell(i))),
    );
  } finally {
    for (const server of servers) server.close();
  }
}

function figures(name: string, turns: readonly (readonly number[])[]): QtestFigures {
  return {
    name,
    ours: median(turns.map(([ours]) => ours!)),
    qemu: median(turns.map(([, qemu]) => qemu!)),
    quotient: median(turns.map(([ours, qemu]) => ours! / qemu!)),
  };
}
