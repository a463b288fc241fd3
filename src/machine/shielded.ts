import type { Access, Tap } from '../core/access.ts';
import { MisuseError } from '../core/misuse.ts';
import type { UserCalls } from '../core/user-calls.ts';
import { BLOCK, type Medium } from '../media/medium.ts';
import type { NetBackend, NetPort } from '../net/backends/index.ts';
import type { QueueEvents } from '../virtio/queue/events.ts';

// The user's own code, as devices call it: it never throws. Its errors are raised when the access is done.

export class ShieldedBackend implements NetBackend {
  private readonly theirs: NetBackend;
  private readonly userCalls: UserCalls;

  constructor(theirs: NetBackend, userCalls: UserCalls) {
    this.theirs = theirs;
    this.userCalls = userCalls;
  }

  send(frame: Uint8Array): void {
    const { userCalls } = this;
    userCalls.call();
    try {
      this.theirs.send(frame);
    } catch (error) {
      userCalls.keep(error);
    }
    userCalls.back();
  }

  attach(port: NetPort | null): void {
    this.userCalls.shield(() => this.theirs.attach(port));
  }
}

/** A medium that throws has failed: the guest sees a medium error, and the user the error. */
export class ShieldedMedium implements Medium {
  readonly isCostly: boolean;
  private readonly path: string;
  private readonly theirs: Medium;
  private readonly userCalls: UserCalls;

  constructor(path: string, theirs: Medium, userCalls: UserCalls) {
    this.path = path;
    this.theirs = theirs;
    this.userCalls = userCalls;
    this.isCostly = theirs.isCostly === true;
  }

  get blocks(): number {
    return this.theirs.blocks;
  }

  get readOnly(): boolean {
    return this.theirs.readOnly;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    this.userCalls.call();
    try {
      return this.answer('read', this.theirs.read(offset, into, at, length));
    } catch (error) {
      return this.failed(error);
    } finally {
      this.userCalls.back();
    }
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    this.userCalls.call();
    try {
      return this.answer('write', this.theirs.write(offset, from, at, length));
    } catch (error) {
      return this.failed(error);
    } finally {
      this.userCalls.back();
    }
  }

  unmap(offset: number, length: number): boolean {
    this.userCalls.call();
    try {
      return this.answer('unmap', this.theirs.unmap(offset, length));
    } catch (error) {
      return this.failed(error);
    } finally {
      this.userCalls.back();
    }
  }

  /** Without an answer, or with one that is none, all of it may have data. */
  extentAt(offset: number): { mapped: boolean; bytes: number } {
    const rest = this.blocks * BLOCK - offset;
    let extent: ReturnType<NonNullable<Medium['extentAt']>> | undefined;
    this.userCalls.shield(() => {
      extent = this.theirs.extentAt?.(offset);
    });
    const { mapped = true, bytes = rest } = extent ?? {};
    return bytes >= BLOCK && bytes <= rest ? { mapped, bytes } : { mapped: true, bytes: rest };
  }

  flush(offset?: number, length?: number): boolean {
    this.userCalls.call();
    try {
      return this.answer('flush', this.theirs.flush(offset, length));
    } catch (error) {
      return this.failed(error);
    } finally {
      this.userCalls.back();
    }
  }

  get failure(): 'full' | null {
    let found: Medium['failure'];
    this.userCalls.shield(() => {
      found = this.theirs.failure;
    });
    return found === 'full' ? found : null;
  }

  close(): void {
    this.userCalls.shield(() => this.theirs.close());
  }

  private failed(error: unknown): false {
    this.userCalls.keep(error);
    return false;
  }

  /** A promise is no answer, though it would pass for one. */
  private answer(method: string, given: boolean): boolean {
    if (typeof given === 'boolean') return given;
    throw new MisuseError(`${this.path}.${method}`, given, 'true or false');
  }
}

export function shieldedTap(theirs: Tap, userCalls: UserCalls): Tap {
  return {
    begin: (access: Access) => userCalls.shield(() => theirs.begin(access)),
    end: (access: Access) => userCalls.shield(() => theirs.end(access)),
  };
}

export function shieldedMonitor(theirs: QueueEvents, userCalls: UserCalls): QueueEvents {
  return {
    placed: (queue, place) => userCalls.shield(() => theirs.placed(queue, place)),
    taken: (queue, chain, indirect) => userCalls.shield(() => theirs.taken(queue, chain, indirect)),
    putBack: (queue, count) => userCalls.shield(() => theirs.putBack(queue, count)),
    used: (queue, id, written) => userCalls.shield(() => theirs.used(queue, id, written)),
    published: (queue, count) => userCalls.shield(() => theirs.published(queue, count)),
    dry: (queue, flags, at) => userCalls.shield(() => theirs.dry(queue, flags, at)),
    fault: (queue, fault, slot, value, other) =>
      userCalls.shield(() => theirs.fault(queue, fault, slot, value, other)),
    forgotten: (queue) => userCalls.shield(() => theirs.forgotten(queue)),
  };
}
