import type { BudgetHost } from '../core/budget.ts';
import type { AsyncEvents } from './async-events.ts';
import type { NvmeEvents } from './events.ts';
import type { Command, SubmissionQueue } from './queues.ts';
import type { NvmeSettings } from './settings.ts';

/** What carries commands out. */
export interface IoExecutor {
  /** @returns a status. */
  execute(command: Command): number;
  /** Carries out what a queue holds, and answers each before it takes the next. False if memory is not there. */
  executeAll(queue: SubmissionQueue, command: Command): boolean;
}

export interface AdminExecutor {
  /** @returns a status; of a command that waits PENDING. */
  execute(command: Command): number;
  /** Dword 0 of its answer, which is 0 of an I/O command. */
  readonly result: number;
}

/** The controller, as its queues use it. */
export interface SchedulerHost extends BudgetHost {
  readonly settings: NvmeSettings;
  readonly events: NvmeEvents | null;
  readonly asyncEvents: AsyncEvents;
  /** It carries commands out. */
  readonly runs: boolean;
  readonly interruptMask: number;
  readonly isWeighted: boolean;
  readonly features: { current(feature: number): number };
  readonly canSignal: boolean;
  signal(vector: number): void;
  setInterrupt(level: boolean): void;
  /** Memory that it must reach is not there. */
  fail(): void;
}
