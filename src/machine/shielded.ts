import type { Access, Tap } from '../core/access.ts';
import type { Mishaps } from '../core/mishaps.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Medium } from '../media/medium.ts';
import type { NetBackend, NetPort } from '../net/backends/index.ts';
import type { QueueEvents } from '../virtio/queue/events.ts';

// The user's own code, as devices call it: it never throws. Its errors are raised when the access is done.

export class ShieldedBackend implements NetBackend {
  private readonly theirs: NetBackend;
  private readonly mishaps: Mishaps;

  constructor(theirs: NetBackend, mishaps: Mishaps) {
    this.theirs = theirs;
    this.mishaps = mishaps;
  }

  send(frame: Uint8Array): void {
    const { mishaps } = this;
    mishaps.call();
    try {
      this.theirs.send(frame);
    } catch (error) {
      mishaps.keep(error);
    }
    mishaps.back();
  }

  attach(port: NetPort | null): void {
    this.mishaps.shield(() => this.theirs.attach(port));
  }
}

/** A medium that throws has failed: the guest sees a medium error, and the user the error. */
export class ShieldedMedium implements Medium {
  private readonly path: string;
  private readonly theirs: Medium;
  private readonly mishaps: Mishaps;

  constructor(path: string, theirs: Medium, mishaps: Mishaps) {
    this.path = path;
    this.theirs = theirs;
    this.mishaps = mishaps;
  }

  get blocks(): number {
    return this.theirs.blocks;
  }

  get readOnly(): boolean {
    return this.theirs.readOnly;
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    this.mishaps.call();
    try {
      return this.answer('read', this.theirs.read(offset, into, at, length));
    } catch (error) {
      return this.failed(error);
    } finally {
      this.mishaps.back();
    }
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    this.mishaps.call();
    try {
      return this.answer('write', this.theirs.write(offset, from, at, length));
    } catch (error) {
      return this.failed(error);
    } finally {
      this.mishaps.back();
    }
  }

  unmap(offset: number, length: number): boolean {
    this.mishaps.call();
    try {
      return this.answer('unmap', this.theirs.unmap(offset, length));
    } catch (error) {
      return this.failed(error);
    } finally {
      this.mishaps.back();
    }
  }

  flush(): boolean {
    this.mishaps.call();
    try {
      return this.answer('flush', this.theirs.flush());
    } catch (error) {
      return this.failed(error);
    } finally {
      this.mishaps.back();
    }
  }

  close(): void {
    this.mishaps.shield(() => this.theirs.close());
  }

  private failed(error: unknown): false {
    this.mishaps.keep(error);
    return false;
  }

  /** A promise is no answer, though it would pass for one. */
  private answer(method: string, given: boolean): boolean {
    if (typeof given === 'boolean') return given;
    throw new MisuseError(`${this.path}.${method}`, given, 'true or false');
  }
}

export function shieldedTap(theirs: Tap, mishaps: Mishaps): Tap {
  return {
    begin: (access: Access) => mishaps.shield(() => theirs.begin(access)),
    end: (access: Access) => mishaps.shield(() => theirs.end(access)),
  };
}

export function shieldedMonitor(theirs: QueueEvents, mishaps: Mishaps): QueueEvents {
  return {
    placed: (queue, place) => mishaps.shield(() => theirs.placed(queue, place)),
    taken: (queue, chain, indirect) => mishaps.shield(() => theirs.taken(queue, chain, indirect)),
    putBack: (queue, count) => mishaps.shield(() => theirs.putBack(queue, count)),
    used: (queue, id, written) => mishaps.shield(() => theirs.used(queue, id, written)),
    published: (queue, count) => mishaps.shield(() => theirs.published(queue, count)),
    dry: (queue, flags, at) => mishaps.shield(() => theirs.dry(queue, flags, at)),
    fault: (queue, fault, slot, value, other) =>
      mishaps.shield(() => theirs.fault(queue, fault, slot, value, other)),
    forgotten: (queue) => mishaps.shield(() => theirs.forgotten(queue)),
  };
}
