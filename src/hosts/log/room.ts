import { Buffer } from 'node:buffer';
import type { Machine } from '../../machine/machine.ts';
import type { UartPort } from '../../machine/serial.ts';
import { MOST_DEVICES } from './logged.ts';
import type { Ended } from './record/other-end.ts';

/** Bytes that may wait to be sent to a serial port. A log is untrusted: its guest need never read them. */
const TYPED_MOST = 1 << 20;

/**
 * Whether a machine has no room for more of what an action from outside adds.
 *
 * @param given as it is in the log.
 * @returns why; null if there is room.
 */
export function fullFor(
  { machine, qtest }: Ended,
  of: string,
  does: string,
  given: readonly unknown[],
): string | null {
  switch (`${of.split(' ', 1)[0]} ${does}`) {
    case 'serial type':
      return typedFull(machine, of, bytesOf(given[0]));
    case 'uart inject':
      return typedFull(machine, of, 1);
    case 'machine addDisk':
      return countFull(machine.disks.length, 'disks');
    case 'qtest plug':
      return countFull(qtest?.parts.count, 'devices');
    case 'drives add':
      return countFull(qtest?.drives.count, 'drives');
    case 'netdevs add':
      return countFull(qtest?.netdevs.count, 'backends');
    default:
      return null;
  }
}

function typedFull(machine: Machine, of: string, bytes: number): string | null {
  const port = machine.serial.find(({ name }) => of.endsWith(` ${name}`)) as UartPort | undefined;
  if (port === undefined || port.device.incoming.waiting + bytes <= TYPED_MOST) return null;
  return `more than ${TYPED_MOST} bytes would wait at ${port.name}`;
}

function bytesOf(typed: unknown): number {
  if (typeof typed === 'string') return Buffer.byteLength(typed);
  const { bytes } = (typed ?? {}) as { readonly bytes?: string };
  return (bytes?.length ?? 0) / 2;
}

function countFull(count: number | undefined, what: string): string | null {
  return (count ?? 0) < MOST_DEVICES ? null : `the machine would have more than ${MOST_DEVICES} ${what}`;
}
