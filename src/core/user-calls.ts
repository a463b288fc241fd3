import type { Region } from './access.ts';
import type { Width } from './bits.ts';
import { MisuseError } from './misuse.ts';

/** Limit of acts that acts request, one after the other: a listener that answers itself would never end. */
const ECHOES_MOST = 256;

/**
 * Handles the user's own code (a listener, a backend, a medium) while a machine is at work. Its errors, and its
 * requests to a machine, wait until the access is done, so that no device stops halfway or changes in the middle of
 * its work. Then they are done in order, and the caller that made the access or moved time on gets the error. Of
 * several errors the first counts. One object for all machines on a clock.
 *
 * @example
 * const userCalls = new UserCalls();
 * userCalls.shield(() => backend.send(frame));   // never throws; `machine.reset` in it waits
 * queue.push(id, 0);                           // the device goes on
 * userCalls.raise();                             // resets the machine, then throws what the backend threw
 */
export class UserCalls {
  private first: { readonly error: unknown } | null = null;
  /** An error was thrown, or an act waits. */
  private due = false;
  private within = 0;
  private calls = 0;
  private works = 0;
  private waiting: (() => void)[] = [];
  /** Acts requested by acts; -1 while none is being done. */
  private echoes = -1;

  /** Calls the user's code. */
  shield(theirs: () => void): void {
    this.calls++;
    try {
      theirs();
    } catch (error) {
      this.keep(error);
    }
    this.calls--;
  }

  /** As `shield`, for a caller that makes no closure: user code runs from `call` until `back`. */
  call(): void {
    this.calls++;
  }

  back(): void {
    this.calls--;
  }

  keep(error: unknown): void {
    this.first ??= { error };
    this.due = true;
  }

  /** Whether the user's code was called and has not returned: no timer fires meanwhile. */
  get isCalling(): boolean {
    return this.calls > 0;
  }

  /** A handler of the guest begins, which makes accesses of its own: until `leave`, nothing is raised. */
  enter(): void {
    this.within++;
  }

  leave(): void {
    this.within--;
  }

  /** A timer fires, or firmware runs: until `done`, nothing is raised, and requests to a machine wait. */
  begin(): void {
    this.works++;
  }

  done(): void {
    this.works--;
  }

  /**
   * Whether a request to a machine has to wait now.
   *
   * @throws MisuseError for `path`, the request, if it causes itself without end.
   */
  defers(path: string): boolean {
    if (!this.isDeferring) return false;
    if (this.echoes < ECHOES_MOST) return true;
    throw new MisuseError(path, this.echoes, '', 'follows from itself without end');
  }

  get isDeferring(): boolean {
    return this.calls > 0 || this.works > 0;
  }

  /** Done as soon as no machine is at work. */
  later(act: () => void): void {
    if (this.echoes >= 0) this.echoes++;
    this.waiting.push(act);
    this.due = true;
  }

  /** A request that changes a machine: done at once, or later. @throws MisuseError as `defers` does. */
  act(path: string, act: () => void): void {
    if (this.defers(path)) {
      this.later(act);
      return;
    }
    this.perform(act);
    this.raise();
  }

  /** Does what waits, if no machine is at work. */
  settle(): void {
    if (this.waiting.length === 0 || this.calls > 0 || this.works > 0) return;
    this.echoes = 0;
    // An act may request further acts without end: beyond the limit, the rest waits for the guest's next access.
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      this.perform(next);
      if (this.echoes > ECHOES_MOST) break;
    }
    this.echoes = -1;
    this.due = this.first !== null || this.waiting.length > 0;
  }

  /** The work is done. @throws the error that was kept, once, after the waiting acts are done. */
  raise(): void {
    if (this.due) this.finish();
  }

  /** Counts as work, since an act makes accesses and moves time on. */
  private perform(act: () => void): void {
    this.works++;
    try {
      act();
    } catch (error) {
      this.keep(error);
    }
    this.works--;
  }

  private finish(): void {
    this.settle();
    if (this.within > 0 || this.calls > 0 || this.works > 0) return;
    this.due = this.waiting.length > 0;
    if (this.first === null) return;
    const { error } = this.first;
    this.first = null;
    throw error;
  }
}

/** A device's region, whose writes wait while the device runs a callback: it is in the middle of its work. */
export function deferred(region: Region, userCalls: UserCalls): Region {
  const { name, size } = region;
  const write = (offset: number, value: number, width: Width): void => {
    if (userCalls.isCalling) userCalls.later(() => write(offset, value, width));
    else region.write(offset, value, width);
  };
  return {
    name,
    size,
    read: (offset, width) => region.read(offset, width),
    write,
    describe: (access) => region.describe!(access),
  };
}
