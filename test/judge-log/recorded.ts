import { buildMachine } from '../../src/cli/machines.ts';
import type { BrokenDriver } from '../../src/conformance/broken/broken-driver.ts';
import { usualMachine } from '../../src/conformance/broken/broken-driver.ts';
import { judge, type Verdict } from '../../src/conformance/index.ts';
import type { DriverModel } from '../../src/conformance/model/model.ts';
import { VARIANTS } from '../../src/conformance/reference/variants.ts';
import { checkedOptions } from '../../src/conformance/suite/options.ts';
import { playTurn, programFor } from '../../src/conformance/suite/program.ts';
import { verdictsOf } from '../../src/conformance/verdict.ts';
import { LogLines } from '../../src/hosts/log/log-lines.ts';
import { recordMachine } from '../../src/hosts/log/record/record.ts';
import { type Replayed, replayRecording } from '../../src/hosts/log/replay-recording.ts';
import type { Machine } from '../../src/index.ts';
import { onMade } from '../../src/machine/on-made.ts';
import type { ProfileName } from '../../src/machine/profile.ts';
import { JsonLines } from '../../src/trace/index.ts';

/** A run to record. */
export interface Run {
  readonly name: string;
  /** Its stores to RAM are not seen. */
  readonly past?: true;
  /** Plays it, and calls `made` with each machine before anything is done to it. */
  play(made: (machine: Machine) => void): readonly Verdict[];
}

/** Every scenario that the reference drivers play in their variants. */
export const REFERENCE_RUNS: readonly Run[] = VARIANTS.flatMap(({ model, ...asked }) => {
  const options = checkedOptions(asked);
  return programFor(model, options).turns.map((turn) => ({
    name: `${model.name}: ${turn.scenario}`,
    play: (made) => {
      const { tell } = onMade;
      onMade.tell = made;
      try {
        return playTurn(model, turn, options).verdicts.map(({ scenario: _, ...verdict }) => verdict);
      } finally {
        onMade.tell = tell;
      }
    },
  }));
});

/** `judge` on a machine of its own. */
export function judgedRun(model: DriverModel, machine: () => Machine, act?: BrokenDriver['act']): Run {
  return {
    name: model.name,
    play: (made) => {
      const shown = () => {
        const one = machine();
        made(one);
        return one;
      };
      return judge(model, { machine: shown, ...(act !== undefined && { act }) }).verdicts;
    },
  };
}

export function brokenRun({ model, machine = usualMachine, act }: BrokenDriver): Run {
  return judgedRun(model, machine, act);
}

/** The verdicts of a run, and its recorded lines. */
export function recorded({ play, past }: Run): { verdicts: readonly Verdict[]; lines: string[] } {
  let lines: string[] = [];
  const verdicts = play((machine) => {
    lines = [];
    const writer = new JsonLines((line) => lines.push(line));
    recordMachine(machine, (record) => writer.add(record));
    if (past) machine.chassis.port.memory.direct();
  });
  return { verdicts, lines };
}

/** The result of the lines alone. */
export function replayed(
  lines: Iterable<string>,
): { verdicts: readonly Verdict[]; log: LogLines } & Replayed {
  const log = new LogLines(lines);
  const run = replayRecording(log, (profile = 'gce-n1', options) =>
    buildMachine(profile as ProfileName, options),
  );
  const verdicts = verdictsOf(run.machine.journal);
  run.machine.close();
  return { ...run, verdicts, log };
}
