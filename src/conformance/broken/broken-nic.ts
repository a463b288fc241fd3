import type { GuestPort } from '../../core/guest-port.ts';
import { type NicDriver, type NicUse, virtioNet } from '../../guest/index.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import { FRAME } from '../reference.ts';
import { rewriteDescriptors } from './behind-descriptors.ts';
import { type BrokenDriver, breaking } from './broken-driver.ts';
import type { StoredDescriptor } from './stored-descriptor.ts';

/** Changes a descriptor of a network driver, at that position of its chain, and the bytes it points at. */
export type Change = (descriptor: StoredDescriptor, position: number, port: GuestPort) => void;

interface Where {
  /** 0 receives, 1 sends; the last is for commands. */
  readonly queue: number;
  /** In its chain. Left out, any. */
  readonly position?: number;
  readonly options?: NicUse;
  readonly machine?: () => Machine;
}

/** The good network driver with one use, and a mistake in some descriptors of one queue. */
export function brokenNic(
  use: (nic: NicDriver) => void,
  { queue, position, options, machine }: Where,
): (name: string, clause: ClauseId, change: Change) => BrokenDriver {
  const good = breaking(virtioNet({ interrupts: 'polled', ...options }), use);
  return (name, clause, change) => ({
    ...good(name, clause, (port) =>
      rewriteDescriptors(port, (descriptor, at) => {
        if (at.queue !== queue) return;
        if (position === undefined || at.position === position) change(descriptor, at.position, port);
      }),
    ),
    ...(machine !== undefined && { machine }),
  });
}

export function post(nic: NicDriver): void {
  nic.post(FRAME);
}
