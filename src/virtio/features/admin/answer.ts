import { ADMIN_QUALIFIER, ADMIN_STATUS } from './registers.ts';

/** The answer to a command. */
export interface Answer {
  readonly status: number;
  readonly status_qualifier: number;
  readonly result: Uint8Array;
}

const NONE = new Uint8Array(0);

export function done(result: Uint8Array = NONE): Answer {
  return { status: ADMIN_STATUS.OK, status_qualifier: ADMIN_QUALIFIER.OK, result };
}

export function refused(
  status: Exclude<keyof typeof ADMIN_STATUS, 'OK'>,
  why: Exclude<keyof typeof ADMIN_QUALIFIER, 'OK'>,
): Answer {
  return { status: ADMIN_STATUS[status], status_qualifier: ADMIN_QUALIFIER[why], result: NONE };
}
