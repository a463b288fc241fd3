import type { Mark } from '../core/access.ts';
import type { Journal } from '../core/journal.ts';

/** A part of the machine that knows in which state a driver left it. */
interface Suspect {
  /** The last use of it; 0 is none. */
  readonly since: Mark;
  /** The clause that the state speaks for, if there is one, and why: `virtio/VQ-AVSUP-D4: net0: …`; null for nothing. */
  readonly suspicion: string | null;
  /** The device that it is a part of. */
  readonly device?: string;
  /** It goes before parts without it: a console tells of everything. */
  readonly isFirst?: true;
}

/** Those of a machine. */
const SUSPECTS = new WeakMap<Journal, Suspect[]>();

export function addSuspect(journal: Journal, suspect: Suspect): void {
  SUSPECTS.set(journal, [...(SUSPECTS.get(journal) ?? []), suspect]);
}

/** What the state of the part speaks for that the guest used last, once the run is over; null for nothing. */
export function suspectedIn(journal: Journal): string | null {
  const used = (SUSPECTS.get(journal) ?? []).filter(({ since }) => since > 0);
  const firsts = used.filter(({ isFirst }) => isFirst);
  const [last, ...others] = (firsts.length > 0 ? firsts : used).sort((a, b) => b.since - a.since);
  const ofOne = others.filter(({ device }) => device !== undefined && device === last!.device);
  return (
    [...(last === undefined ? [] : [last]), ...ofOne]
      .map(({ suspicion }) => suspicion)
      .find((said) => said !== null) ?? null
  );
}
