import type { GuestPort } from '../../core/guest-port.ts';
import { type Nic, type NicOptions, virtioNet } from '../../guest/index.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import { FRAME } from '../reference.ts';
import { rewriteDescriptors, type StoredDescriptor } from './behind-descriptors.ts';
import { type BrokenDriver, breaking } from './broken-driver.ts';

/** What becomes of a descriptor of a network driver, and of the bytes that it points at. */
export type Change = (descriptor: StoredDescriptor, port: GuestPort) => void;

interface Where {
  /** 0 receives, 1 sends; the last is for commands. */
  readonly queue: number;
  /** In its chain. Left out, any. */
  readonly position?: number;
  readonly options?: NicOptions;
  readonly machine?: () => Machine;
}

/** The good network driver, used so, but for some descriptors of one queue. */
export function brokenNic(
  use: (nic: Nic) => void,
  { queue, position, options, machine }: Where,
): (name: string, clause: ClauseId, change: Change) => BrokenDriver {
  const good = breaking(virtioNet({ interrupts: 'polled', ...options }), use);
  return (name, clause, change) => ({
    ...good(name, clause, (port) =>
      rewriteDescriptors(port, (descriptor) => {
        if (descriptor.queue !== queue) return;
        if (position === undefined || descriptor.position === position) change(descriptor, port);
      }),
    ),
    ...(machine !== undefined && { machine }),
  });
}

export function post(nic: Nic): void {
  nic.post(FRAME);
}
