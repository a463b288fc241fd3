import type { Machine } from '../../../machine/machine.ts';
import { LogLines } from '../../log/log-lines.ts';
import { LoggedMachine } from '../../log/qemu/logged-machine.ts';
import { Survey } from '../../log/qemu/survey.ts';
import type { TraceEvent } from '../../log/qemu/trace-line.ts';
import { TraceReplay } from '../../log/qemu/trace-replay.ts';

/** A machine of ours to which is done what a driver does to QEMU's, at once, and whose rules watch it. */
export class Shadow {
  readonly machine: Machine;
  private readonly survey = new Survey();
  private readonly replay: TraceReplay;

  /** @param before what was done to QEMU's so far, in which all of its functions were looked over. */
  constructor(before: readonly TraceEvent[]) {
    const survey = new Survey();
    for (const event of before) survey.take(event);
    const logged = new LoggedMachine(survey, { stack: true });
    this.machine = logged.machine;
    this.replay = new TraceReplay(logged, this.survey, new LogLines([]));
    this.machine.journal.quietly(() => void this.take(before));
  }

  /** @returns whether there was an access among them. */
  take(events: readonly TraceEvent[]): boolean {
    for (const event of events) {
      this.survey.take(event);
      this.replay.take(event);
    }
    return events.some(({ event }) => event === 'access');
  }
}
