import type { ConformanceRun, DriverModel } from '../conformance/index.ts';
import type { CheckedOptions } from '../conformance/suite/options.ts';
import { playTurn } from '../conformance/suite/program.ts';
import type { AccessRecord } from '../core/access.ts';
import type { Machine } from '../machine/machine.ts';
import { onMade } from '../machine/on-made.ts';
import { quoted } from '../media/file-errors.ts';
import type { Beside } from '../report/html-beside.ts';
import type { Run } from '../report/report.ts';

type Turn = Pick<ConformanceRun, 'scenario' | 'seed'>;

/** Accesses of a run that a page shows. */
const SHOWN = 64;

/** Plays a run once more, which is the same. A driver that did not return is played on several machines. */
export function playAgain(
  model: DriverModel,
  { scenario, seed }: Turn,
  options: CheckedOptions,
  made: (machine: Machine) => void,
): void {
  const { tell } = onMade;
  onMade.tell = made;
  try {
    playTurn(model, { scenario, seed }, options);
  } finally {
    onMade.tell = tell;
  }
}

/** The last accesses of runs, which are played once more when they are asked for, each once. */
export function lastAccessesOf(model: DriverModel, options: CheckedOptions): Beside['lastAccesses'] {
  const played = new Map<string, ReadonlyMap<string | null, readonly AccessRecord[]>>();
  return (run, clause) => {
    const key = `${run.seed} ${run.scenario}`;
    const accesses = played.get(key) ?? accessesIn(model, run, options);
    played.set(key, accesses);
    return accesses.get(clause) ?? accesses.get(null)!;
  };
}

/** Up to the first finding of each clause; of null, up to the end. */
function accessesIn(
  model: DriverModel,
  run: Run,
  options: CheckedOptions,
): ReadonlyMap<string | null, readonly AccessRecord[]> {
  const accesses = new Map<string | null, readonly AccessRecord[]>();
  let atEnd = (): readonly AccessRecord[] => [];
  playAgain(model, run, options, ({ events, journal: { trail } }) => {
    accesses.clear();
    atEnd = () => trail.newest(SHOWN);
    events.on('finding', ({ clause }) => {
      if (!accesses.has(clause)) accesses.set(clause, trail.newest(SHOWN));
    });
  });
  return accesses.set(null, atEnd());
}

/** The command that plays one run. */
export function commandFor(argv: readonly string[], { scenario, seed }: Run): string {
  return ['guestrig', 'conform', ...argv, '--scenario', scenario, '--seed', String(seed)]
    .map(quoted)
    .join(' ');
}
