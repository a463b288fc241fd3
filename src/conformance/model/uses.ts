import type { GuestPort } from '../../core/guest-port.ts';
import type { Machine } from '../../machine/machine.ts';

/**
 * Single operations of a driver, which a scenario calls at any time and any number of times. Each may be left out:
 * scenarios that need it are then not played, and the report says so. After its own arguments come those of `run`:
 * handles, port, machine. If there are several cards or disks, the first is meant. Nothing in it is asynchronous.
 *
 * @example
 * const use = {
 *   send: (frame, [nic]) => nic.send(frame),
 *   receive: ([nic]) => nic.takeAll(),
 *   read: (lba, blocks, [, disk]) => disk.read(lba, blocks),
 *   write: (lba, bytes, [, disk]) => disk.write(lba, bytes),
 *   stop: (handles) => handles.forEach((handle) => handle?.close()),
 * } satisfies DriverUses<HandlesOf<[typeof myNic, typeof myDisk]>>;
 */
export interface DriverUses<Handles = readonly unknown[]> {
  /**
   * Sends a frame, from the destination address on and without a frame check sequence. The device need not have taken it when
   * this returns.
   *
   * @returns false if there was no room and it was not sent; any other value means that it was, or will be.
   */
  send?(frame: Uint8Array, handles: Handles, port: GuestPort, machine: Machine): unknown;
  /** Every received frame that was not returned yet, oldest first. It need not wait for one: it is called again. */
  receive?(handles: Handles, port: GuestPort, machine: Machine): readonly Uint8Array[];
  /** Reads logical blocks from `lba` on, and waits for them. */
  read?(lba: number, blocks: number, handles: Handles, port: GuestPort, machine: Machine): Uint8Array;
  /** Writes whole logical blocks from `lba` on, and waits until the disk has them. */
  write?(lba: number, bytes: Uint8Array, handles: Handles, port: GuestPort, machine: Machine): void;
  /**
   * Lets go of every device, as a driver that is unloaded or a kernel before kexec must: reset, silent, no bus master.
   * Requests in progress need not be finished. The handles are not used again; the drivers may attach anew.
   */
  stop?(handles: Handles, port: GuestPort, machine: Machine): void;
  /**
   * Prepares every device for a loss of power: its state, base addresses and Command too, may be gone when `resume` is
   * called.
   */
  suspend?(handles: Handles, port: GuestPort, machine: Machine): void;
  /** Resumes every device after `suspend`, by the same handles. */
  resume?(handles: Handles, port: GuestPort, machine: Machine): void;
}

/** The name of one of them: `send`. */
export type UseName = keyof DriverUses;

const ANYTHING = { is: () => true, expected: 'anything' };

/** The return value of each, for callers without a compiler. */
export const USE_GIVES: Readonly<
  Record<UseName, { is(given: unknown): boolean; readonly expected: string }>
> = {
  send: ANYTHING,
  receive: {
    is: (given) => Array.isArray(given) && given.every((frame) => frame instanceof Uint8Array),
    expected: 'a list of frames, each a Uint8Array',
  },
  read: { is: (given) => given instanceof Uint8Array, expected: 'a Uint8Array' },
  write: ANYTHING,
  stop: ANYTHING,
  suspend: ANYTHING,
  resume: ANYTHING,
};

export const USE_NAMES = Object.keys(USE_GIVES) as readonly UseName[];
