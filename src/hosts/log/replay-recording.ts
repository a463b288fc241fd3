import { MisuseError } from '../../core/misuse.ts';
import type { Machine } from '../../machine/machine.ts';
import type { MachineOptions } from '../../machine/options.ts';
import { type MachineRecord, RECORDING_FORMAT } from '../../trace/index.ts';
import { type FindingLines, findingLines } from './finding-lines.ts';
import type { LogLines } from './log-lines.ts';
import { Recording } from './recording.ts';
import { type Departure, Replay } from './replay.ts';

export type { Departure };

/** Makes a machine. @throws MisuseError for a profile or an option that there is not. */
export type MakeMachine = (profile: string | undefined, options: MachineOptions) => Machine;

/** A run that was done once more. */
export interface Replayed {
  readonly machine: Machine;
  readonly accesses: number;
  readonly departure: Departure | null;
  readonly departures: number;
  readonly broken: FindingLines;
  /** What the log lacks, a sentence each. */
  readonly lacks: readonly string[];
}

/** Does once more what JSON lines of ours tell, on a machine like theirs. The machine is the caller's to close. */
export function replayRecording(lines: LogLines, make: MakeMachine): Replayed {
  const recording = new Recording(lines);
  const first = recording.peek();
  const header = first?.kind === 'machine' && first.format === RECORDING_FORMAT ? first : null;
  if (header !== null) recording.next();
  const machine = machineOf(header, lines, make);
  const replay = new Replay(machine, recording, lines);
  const broken = findingLines(machine, () => recording.number);
  replay.run();
  const { accesses, departure, departures } = replay;
  return {
    machine,
    accesses,
    departure,
    departures,
    broken,
    lacks: lacksOf(header, first?.kind === 'machine'),
  };
}

function machineOf(header: MachineRecord | null, lines: LogLines, make: MakeMachine): Machine {
  if (header === null) return make(undefined, { judge: { stores: false } });
  const blind = header.sight === 'changes' ? { judge: { stores: false }, patience: false as const } : {};
  try {
    return make(header.profile, { ...header.options, accessTime: header.accessTime, ...blind });
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    lines.damage(error.message);
    return make(undefined, blind);
  }
}

function lacksOf(header: MachineRecord | null, isOther: boolean): string[] {
  if (header === null)
    return [
      isOther
        ? 'The log is of a form that this guestrig does not know'
        : 'The log does not say of which machine it is, nor what was stored to RAM',
    ];
  return [];
}
