import type { Machine } from '../../../machine/machine.ts';
import { LogLines } from '../../log/log-lines.ts';
import { LoggedMachine } from '../../log/qemu/logged-machine.ts';
import { Survey } from '../../log/qemu/survey.ts';
import type { TraceEvent } from '../../log/qemu/trace-line.ts';
import { TraceReplay } from '../../log/qemu/trace-replay.ts';

/** A machine of ours that repeats, at once, what a driver does to QEMU's, and whose rules watch it. */
export class Shadow {
  readonly machine: Machine;
  private readonly survey = new Survey();
  private readonly replay: TraceReplay;

  /** @param before the trace so far, in which all functions were surveyed. */
  constructor(before: readonly TraceEvent[]) {
    const survey = new Survey();
    for (const event of before) survey.take(event);
    const logged = new LoggedMachine(survey, { stack: true });
    this.machine = logged.machine;
    this.replay = new TraceReplay(logged, this.survey, new LogLines([]));
    this.machine.journal.quietly(() => void this.take(before));
  }

  /** @returns whether it contained an access. */
  take(events: readonly TraceEvent[]): boolean {
    for (const event of events) {
      this.survey.take(event);
      this.replay.take(event);
    }
    return events.some(({ event }) => event === 'access');
  }
}
