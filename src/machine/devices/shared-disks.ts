import type { Medium } from '../../media/medium.ts';
import { Reservations } from '../../scsi/reservations/reservations.ts';

/** They are the disk's, and a disk of several machines is one medium. */
const known = new WeakMap<Medium, Reservations>();

export function reservationsOf(medium: Medium): Reservations {
  const there = known.get(medium);
  if (there !== undefined) return there;
  const made = new Reservations();
  known.set(medium, made);
  return made;
}
