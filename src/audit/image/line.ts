import { MisuseError } from '../../core/misuse.ts';
import { Unreadable } from './view.ts';

/** The sections of a report, in order; between them stand those of the audit of the kernel. */
export const TITLES = {
  upload: 'The file: what Compute Engine takes',
  disk: 'The disk: how it boots, and what is on it',
  kernel: 'The kernel that it boots, by its own files',
  guest: 'The system: what reaches it, and what it needs there',
  features: 'Guest OS features, which are said when the image is created',
} as const;

export type ImageGroup = keyof typeof TITLES;

/** `noted`: it boots, and something is worth a change. `unreached`: it could not be judged, which is never a pass. */
export type ImageOutcome = 'pass' | 'fail' | 'noted' | 'unreached';

/** A check of an image: what, verdict, cause, how to mend it. */
export interface ImageLine {
  readonly group: ImageGroup;
  readonly name: string;
  readonly outcome: ImageOutcome;
  /** What was found: the cause. */
  readonly cause: string;
  /** Empty if nothing is to be mended. */
  readonly mend: string;
}

/** What a check finds. */
export type Found = Pick<ImageLine, 'outcome' | 'cause' | 'mend'>;

export const pass = (cause: string): Found => ({ outcome: 'pass', cause, mend: '' });
export const fail = (cause: string, mend: string): Found => ({ outcome: 'fail', cause, mend });
export const noted = (cause: string, mend: string): Found => ({ outcome: 'noted', cause, mend });
export const unreached = (cause: string): Found => ({ outcome: 'unreached', cause, mend: '' });

const REPAIR = 'repair the file system (fsck), or make the image again';

/** The line of a check; what the image has damaged is its finding. */
export function line(group: ImageGroup, name: string, check: () => Found): ImageLine {
  return { group, name, ...guarded(check) };
}

function guarded(check: () => Found): Found {
  try {
    return check();
  } catch (error) {
    return damage(error);
  }
}

/** @throws any other error than one about the image. */
export function damage(error: unknown): Found {
  if (error instanceof Unreadable) return fail(`cannot be read: ${error.message}`, REPAIR);
  if (error instanceof MisuseError) return fail(error.message, REPAIR);
  throw error;
}
