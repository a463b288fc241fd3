import type { Machine } from '../../../machine/machine.ts';
import { type FindingLines, findingLines, LogLines, NO_VIRTIO } from '../log-lines.ts';
import { LoggedMachine } from './logged-machine.ts';
import { Survey } from './survey.ts';
import { traceEvent } from './trace-line.ts';
import { TraceReplay } from './trace-replay.ts';

/** The result of replaying a trace of QEMU's. */
interface ReplayedTrace {
  readonly machine: Machine;
  readonly accesses: number;
  readonly log: LogLines;
  readonly broken: FindingLines;
  /** What the trace does not show, a sentence each. */
  readonly lacks: readonly string[];
}

const ALWAYS =
  'What lies in RAM, when it was, and how interrupts were taken is not in it: rules on those are not reached';
const NO_FUNCTIONS =
  "There is no virtio device in the log, nor any other PCI function: QEMU's options -trace 'pci_cfg_*' and -trace 'memory_region_ops_*' make it do so";

/**
 * Replays the accesses to registers that QEMU's `-trace` wrote down.
 *
 * @param open gives the lines from the first on; it is called twice, since the functions have to be known
 * beforehand.
 */
export function replayTrace(open: () => Iterable<string>): ReplayedTrace {
  const survey = new Survey();
  const ahead = new LogLines(open());
  for (let line = ahead.next(); line !== null; line = ahead.next()) {
    const event = traceEvent(line);
    if (event !== null && event !== 'damaged') survey.take(event);
  }
  const logged = new LoggedMachine(survey);
  const log = new LogLines(open());
  const now = new Survey();
  const replay = new TraceReplay(logged, now, log);
  const broken = findingLines(logged.machine, () => log.number);
  for (let line = log.next(); line !== null; line = log.next()) {
    const event = traceEvent(line);
    if (event === null) log.foreign += line.trim() === '' ? 0 : 1;
    else if (event === 'damaged') log.damage('it is cut, or mixed with another');
    else {
      now.take(event);
      replay.take(event);
    }
  }
  const { machine, virtio } = logged;
  const none = survey.functions.size > 0 ? NO_VIRTIO : NO_FUNCTIONS;
  const lacks = virtio.size > 0 ? [ALWAYS] : [none, ALWAYS];
  return { machine, accesses: replay.accesses, log, broken, lacks };
}
