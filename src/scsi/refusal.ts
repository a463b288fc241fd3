import type { Command } from './command.ts';
import { SENSE, type Sense } from './sense.ts';

/** Status codes of SAM-5 5.3.1 beside GOOD and CHECK CONDITION. */
const BUSY = 0x08;
const RESERVATION_CONFLICT = 0x18;
const TASK_SET_FULL = 0x28;

const ANSWERS = {
  busy: BUSY,
  'task set full': TASK_SET_FULL,
  'reservation conflict': RESERVATION_CONFLICT,
  'medium error': SENSE.READ_ERROR,
  'unit attention': SENSE.MODE_CHANGED,
  'aborted command': SENSE.ABORTED_COMMAND,
} as const satisfies Record<string, number | Sense>;

/** A unit's answer instead of executing a command. */
export type Refusal = keyof typeof ANSWERS;

export const REFUSALS = Object.keys(ANSWERS) as readonly Refusal[];

/** Ends a command that was not executed. */
export function refuse(command: Command, refusal: Refusal): void {
  const answer: number | Sense = ANSWERS[refusal];
  if (typeof answer === 'number') command.status = answer;
  else command.check(answer);
}
