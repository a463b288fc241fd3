import type { Machine } from '../machine/machine.ts';
import type { GceFacts, TrueMachine } from '../rules/gce/facts.ts';
import { GCE } from '../rules/gce/gce.ts';
import type { GceKnows, Requirement } from '../rules/gce/requirement.ts';
import type { Gathered } from './gather.ts';
import { mediumHash } from './medium-hash.ts';
import type { Outcome } from './verdict.ts';

/** What became of one line of the Compute Engine document: an outcome, and the numbers behind it. */
export interface RequirementLine {
  readonly clause: keyof typeof GCE;
  readonly outcome: Outcome;
  readonly said: string;
}

/** The chipset and storage lines hold any machine; what a machine lacks is `unreached`, what differs fails. */
export function requirementLines(facts: GceFacts): RequirementLine[] {
  const knows = { ...facts, subject: facts.machine.profile };
  return Object.entries<Requirement>(GCE).map(([clause, row]) => ({
    clause: clause as keyof typeof GCE,
    ...answer(row, knows),
  }));
}

function answer(row: Requirement, k: GceKnows): Pick<RequirementLine, 'outcome' | 'said'> {
  if (row.excused?.(k)) return { outcome: 'waived', said: row.said(k) };
  if (row.when?.(k) === false) return { outcome: 'unreached', said: row.untried ?? 'nothing exercised it' };
  return { outcome: row.kept(k) ? 'pass' : 'fail', said: row.said(k) };
}

/** What the guest saw beside what is there. */
export function factsOf(seen: Gathered, machine: Machine): GceFacts {
  return { seen, machine: trueMachine(machine) };
}

function trueMachine(machine: Machine): TrueMachine {
  return {
    profile: machine.profile.name,
    functions: machine.functions.map(({ bdf }) => ({ bdf, revision: machine.idOf(bdf)!.revision })),
    serial: machine.serial.map(({ port, irq, text }) => ({ port, irq, text })),
    scsiQueues: machine.scsiQueues,
    disks: machine.disks.map(({ target, lun, medium }) => ({ target, lun, sha256: mediumHash(medium) })),
  };
}
