import type { AccessRecord } from '../../core/access.ts';
import { hex } from '../../core/bits.ts';
import { EndlessLoopError } from '../../machine/patience.ts';

/**
 * A driver did not return: it went on in a loop without an access, which no virtual time ends, and was ended by the host's
 * clock. Its stack has the functions that it was in, each at its first line.
 */
export class HostTimeError extends Error {
  override readonly name = 'HostTimeError';
  /** Milliseconds of a processor that it had. */
  readonly hostTime: number;

  /**
   * @param last the access after which it made no other; null for none.
   * @param frames the lines of its stack; null if they are unknown.
   */
  constructor(hostTime: number, last: AccessRecord | null, frames: string | null) {
    const unknown = frames === null ? '; in which function is not known' : '';
    super(`did not return within ${hostTime} ms of the host's time, ${lastText(last)}${unknown}`);
    this.hostTime = hostTime;
    this.stack = `${this.name}: ${this.message}${frames ? `\n${frames}` : ''}`;
  }
}

function lastText(last: AccessRecord | null): string {
  if (last === null) return 'and made no access';
  const { space, address, text } = last;
  return `the last access ${space} ${hex(address, space === 'port' ? 4 : 8)}: ${text}`;
}

/** A driver used up its virtual time before it was done. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

/** Whether a driver that stopped so would never have returned. */
export function isEndless(stopped: unknown): boolean {
  return [EndlessLoopError, HostTimeError, OutOfTimeError].some((kind) => stopped instanceof kind);
}
