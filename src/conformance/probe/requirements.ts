import { sha256 } from '../../core/sha256.ts';
import type { Medium } from '../../media/medium.ts';
import { BLOCK } from '../../media/medium.ts';
import type { GceFacts, TrueMachine } from '../../rules/gce/facts.ts';
import { GCE } from '../../rules/gce/gce.ts';
import type { GceKnows, Requirement } from '../../rules/gce/requirement.ts';
import type { Verdict } from '../verdict.ts';
import type { Gathered } from './gather.ts';
import type { ProbedMachine } from './probed-machine.ts';

const LAST_PORT = 0xffff;

/** The result of one line of the Compute Engine document: a verdict, and the numbers behind it. */
export interface RequirementLine extends Verdict {
  readonly said: string;
}

/** The chipset and storage lines apply to any machine; a line about a missing part is `unreached`, a difference fails. */
export function requirementLines(facts: GceFacts, verdicts: readonly Verdict[]): RequirementLine[] {
  const knows = { ...facts, subject: facts.machine.profile };
  return verdicts
    .filter(({ clause }) => clause in GCE)
    .map((verdict) => ({ ...verdict, ...answer(GCE[verdict.clause as keyof typeof GCE], knows) }));
}

function answer(row: Requirement, k: GceKnows): Pick<RequirementLine, 'outcome' | 'said'> {
  if (row.excused?.(k)) return { outcome: 'waived', said: row.said(k) };
  if (row.when?.(k) === false) return { outcome: 'unreached', said: row.untried ?? 'nothing exercised it' };
  return { outcome: row.kept(k) ? 'pass' : 'fail', said: row.said(k) };
}

/** What the guest saw, and what there is. */
export function factsOf(seen: Gathered, machine: ProbedMachine): GceFacts {
  return { seen, machine: trueMachine(machine, seen) };
}

function trueMachine(machine: ProbedMachine, seen: Gathered): TrueMachine {
  const read = seen.disks.some(({ sha256 }) => sha256 !== null);
  return {
    profile: machine.profile.name,
    functions: machine.functions.map(({ bdf }) => ({ bdf, id: machine.idOf(bdf)! })),
    // A PL011 is at an address of memory, and no 16550A.
    serial: machine.serial
      .filter(({ port }) => port <= LAST_PORT)
      .map(({ port, irq, text }) => ({ port, irq, text })),
    scsiQueues: machine.scsiQueues,
    disks: machine.disks.map(({ target, lun, medium }) => ({
      target,
      lun,
      sha256: read ? mediumHash(medium) : null,
    })),
  };
}

const CHUNK = 1 << 20;

/** SHA-256 of a whole disk, read from the medium itself and not through a guest; null if it cannot be read. */
function mediumHash(medium: Medium): string | null {
  const hash = sha256();
  const buffer = new Uint8Array(CHUNK);
  const bytes = medium.blocks * BLOCK;
  for (let at = 0; at < bytes; at += CHUNK) {
    const length = Math.min(CHUNK, bytes - at);
    if (!medium.read(at, buffer, 0, length)) return null;
    hash.update(buffer.subarray(0, length));
  }
  return hash.digest('hex');
}
