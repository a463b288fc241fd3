import type { GuestPort } from '../../core/guest-port.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DeviceKind } from './kinds.ts';

/**
 * Single operations of a driver, which a scenario calls at any time and any number of times. Each may be left out:
 * scenarios that need it are then not played. After its own arguments come those of `run`:
 * handles, port, machine. If there are several cards, disks or serial ports, the first is meant; of a model with drivers of NVMe
 * controllers, and none of SCSI, the first namespace. Nothing in it is asynchronous.
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
  /** The time that the device gave the frame received last, in nanoseconds; null if it gave none. */
  stamp?(handles: Handles, port: GuestPort, machine: Machine): number | null;
  /** Reads logical blocks from `lba` on, and waits for them. */
  read?(lba: number, blocks: number, handles: Handles, port: GuestPort, machine: Machine): Uint8Array;
  /** Writes whole logical blocks from `lba` on, and waits until the disk has them. Throws if the disk reports that it failed. */
  write?(lba: number, bytes: Uint8Array, handles: Handles, port: GuestPort, machine: Machine): void;
  /** Has the disk keep what was written, whatever happens to its power, and waits for that. Throws if the disk reports that it failed. */
  flush?(handles: Handles, port: GuestPort, machine: Machine): void;
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
  /**
   * The time by the clock of a processor that the guest shares with KVM: nanoseconds since the machine began. The first
   * processor is 0.
   */
  time?(vcpu: number, handles: Handles, port: GuestPort, machine: Machine): number;
  /** Seconds since 1970, with fractions, by the wall clock of KVM. */
  date?(handles: Handles, port: GuestPort, machine: Machine): number;
  /**
   * Prints a text, in UTF-8, by the serial port that `run` opened. The last of it need not be sent when this returns. What
   * arrives at the other end is compared with it byte for byte, so nothing is put before a line feed or in its place.
   */
  print?(text: Uint8Array, handles: Handles, port: GuestPort, machine: Machine): unknown;
  /**
   * The oldest byte received by that port that was not returned yet; null for none. It need not wait for one: it is called
   * again, every twenty microseconds.
   */
  key?(handles: Handles, port: GuestPort, machine: Machine): number | null;
}

/** The name of one of them: `send`. */
export type UseName = keyof DriverUses;

interface Use {
  /** The devices that it is a use of; left out, of any. */
  readonly of?: DeviceKind;
  /** Of what it returns, for callers without a compiler. */
  is(given: unknown): boolean;
  readonly expected: string;
}

const isNumber = (given: unknown): boolean => typeof given === 'number' && !Number.isNaN(given);
const ANYTHING = { is: () => true, expected: 'anything' };

export const USES: Readonly<Record<UseName, Use>> = {
  send: { of: 'net', ...ANYTHING },
  receive: {
    of: 'net',
    is: (given) => Array.isArray(given) && given.every((frame) => frame instanceof Uint8Array),
    expected: 'a list of frames, each a Uint8Array',
  },
  read: { of: 'scsi', is: (given) => given instanceof Uint8Array, expected: 'a Uint8Array' },
  write: { of: 'scsi', ...ANYTHING },
  flush: { of: 'scsi', ...ANYTHING },
  stop: ANYTHING,
  suspend: ANYTHING,
  resume: ANYTHING,
  time: { of: 'kvm', is: isNumber, expected: 'a number of nanoseconds' },
  date: { of: 'kvm', is: isNumber, expected: 'a number of seconds' },
  print: { of: 'serial', ...ANYTHING },
  key: {
    of: 'serial',
    is: (given) =>
      given === null || (Number.isInteger(given) && (given as number) >= 0 && (given as number) <= 0xff),
    expected: 'a byte, 0 to 255, or null',
  },
  stamp: {
    of: 'net',
    is: (given) => given === null || typeof given === 'number',
    expected: 'a number of nanoseconds, or null',
  },
};

export const USE_NAMES = Object.keys(USES) as readonly UseName[];
