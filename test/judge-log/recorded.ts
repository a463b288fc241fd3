import type { BrokenDriver } from '../../src/conformance/broken/broken-driver.ts';
import { usualMachine } from '../../src/conformance/broken/broken-driver.ts';
import { judge, type Verdict } from '../../src/conformance/index.ts';
import type { DriverModel } from '../../src/conformance/model.ts';
import { referenceModel } from '../../src/conformance/reference.ts';
import type { Scenario } from '../../src/conformance/scenarios/index.ts';
import { verdictsOf } from '../../src/conformance/verdict.ts';
import { LogLines } from '../../src/hosts/log/log-lines.ts';
import { recordMachine } from '../../src/hosts/log/record/record.ts';
import { type Replayed, replayRecording } from '../../src/hosts/log/replay-recording.ts';
import { gceN1, type Machine, qemuPc } from '../../src/index.ts';
import { JsonLines } from '../../src/trace/index.ts';

/** A run to record. */
export interface Run {
  readonly name: string;
  readonly model: DriverModel;
  readonly machine: () => Machine;
  readonly act?: (machine: Machine, use: () => void) => void;
  /** Its stores to RAM are not seen. */
  readonly past?: true;
}

export function runOf({ name, machine, act, model = referenceModel }: Scenario): Run {
  return { name, model: model(), machine, ...(act !== undefined && { act }) };
}

export function brokenRun({ model, machine = usualMachine, act }: BrokenDriver): Run {
  return { name: model.name, model, machine, ...(act !== undefined && { act }) };
}

/** The verdicts of a run, and its recorded lines. */
export function recorded({ model, machine, act, past }: Run): {
  verdicts: readonly Verdict[];
  lines: string[];
} {
  let lines: string[] = [];
  const made = () => {
    const one = machine();
    lines = [];
    const writer = new JsonLines((line) => lines.push(line));
    recordMachine(one, (record) => writer.add(record));
    if (past) one.chassis.port.memory.direct();
    return one;
  };
  const { verdicts } = judge(model, { machine: made, ...(act !== undefined && { act }) });
  return { verdicts, lines };
}

/** The result of the lines alone. */
export function replayed(
  lines: Iterable<string>,
): { verdicts: readonly Verdict[]; log: LogLines } & Replayed {
  const log = new LogLines(lines);
  const run = replayRecording(log, (profile, options) => (profile === 'qemu-pc' ? qemuPc : gceN1)(options));
  const verdicts = verdictsOf(run.machine.journal);
  run.machine.close();
  return { ...run, verdicts, log };
}
