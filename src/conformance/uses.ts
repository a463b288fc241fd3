import type { GuestPort } from '../core/guest-port.ts';
import type { Machine } from '../machine/machine.ts';

/**
 * What a scenario may have a driver do, when it likes and as often as it likes. Each may be left out: scenarios that need it are
 * then not played, and the report says so. After what is to be done comes what `run` gets: handles, port, machine. Where there
 * are several cards or disks, the first is meant. Nothing in it is asynchronous.
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
   * @returns false if there was no room and it was not sent; whatever else says that it was, or will be.
   */
  send?(frame: Uint8Array, handles: Handles, port: GuestPort, machine: Machine): unknown;
  /** Every frame that came and was not given yet, oldest first. It need not wait for one: it is called again. */
  receive?(handles: Handles, port: GuestPort, machine: Machine): readonly Uint8Array[];
  /** Reads logical blocks from `lba` on, and waits for them. */
  read?(lba: number, blocks: number, handles: Handles, port: GuestPort, machine: Machine): Uint8Array;
  /** Writes whole logical blocks from `lba` on, and waits until the disk has them. */
  write?(lba: number, bytes: Uint8Array, handles: Handles, port: GuestPort, machine: Machine): void;
  /**
   * Lets go of every device, as a driver that is unloaded or a kernel before kexec must: reset, silent, no bus master. What
   * was under way need not be finished. The handles are not used again; the drivers may attach anew.
   */
  stop?(handles: Handles, port: GuestPort, machine: Machine): void;
  /** Gets every device ready to lose its power: what it holds, base addresses and Command too, may be gone when `resume` is called. */
  suspend?(handles: Handles, port: GuestPort, machine: Machine): void;
  /** Takes every device into use again after `suspend`, by the same handles. */
  resume?(handles: Handles, port: GuestPort, machine: Machine): void;
}

/** The name of one of them: `send`. */
export type UseName = keyof DriverUses;

const ANYTHING = { is: () => true, expected: 'anything' };

/** What each must give, for those from whom there is no compiler. */
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
