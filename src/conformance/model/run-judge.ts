import type { Driver, FoundFunction } from '../../core/driver.ts';
import { enumerate } from '../../guest/pci/enumerate.ts';
import type { Machine } from '../../machine/machine.ts';
import { judgeReport } from '../../rules/guest-report.ts';
import { judgeBringUp, judgeDiscovery } from '../probe/discovery.ts';
import { judgeBus, judgeEnumeration, judgeFound, withMissed } from '../probe/enumeration.ts';
import { gather } from '../probe/gather.ts';
import { factsOf } from '../probe/requirements.ts';
import { FRAME } from '../reference.ts';
import type { OtherMachine } from './other-machine.ts';

const PROBE_ERRAND = { text: 'guestrig\r\n', frames: [FRAME] };
/** Blocks that all disks together may have, so that a probe reads them whole: 2 MiB. */
const FEW_BLOCKS = 4096;

/** Gets a model's steps to its functions, and compares them with the machine. */
export interface RunJudge {
  /** The functions that its enumeration found. */
  enumerated(found: readonly FoundFunction[]): void;
  /** The same, by the Compute Engine document. */
  met(found: readonly FoundFunction[]): void;
  /** The functions that its drivers would take. */
  matched(drivers: readonly Driver<unknown>[], taken: number): void;
  /** The state in which a driver left the function that it was attached to. */
  attached(bdf: number, threw: boolean): void;
  /** For a model with only an enumeration: our guest uses what it found. */
  explored(found: readonly FoundFunction[]): void;
}

export function judgeOf(machine: Machine): RunJudge {
  return {
    enumerated: (found) => judgeEnumeration(found, machine),
    met: (found) => judgeBus(found, machine),
    matched: (drivers, taken) => judgeDiscovery(drivers, machine, taken),
    attached: (bdf, threw) => judgeBringUp(machine, bdf, threw),
    explored: (found) => explore(found, machine),
  };
}

/** On a machine that is not ours, the model's enumeration is compared with our own. */
export function judgeElsewhere(machine: OtherMachine): RunJudge {
  let plugged: readonly FoundFunction[] = [];
  machine.unseen(() => {
    plugged = enumerate(machine.port);
  });
  return {
    enumerated: (found) => judgeFound(found, plugged, machine.journal),
    met: () => {},
    matched: () => {},
    attached: () => {},
    explored: () => {},
  };
}

/** Our guest uses every part, and what it finds is compared with the Compute Engine document. */
function explore(found: readonly FoundFunction[], machine: Machine): void {
  const blocks = machine.disks.reduce((sum, { medium }) => sum + medium.blocks, 0);
  const seen = gather(machine, { ...PROBE_ERRAND, wholeDisks: blocks <= FEW_BLOCKS });
  const functions = withMissed(found, machine);
  // A wire that sends nothing back proves nothing of a NIC.
  const nics = seen.nics.filter(({ facts }) => facts.received.length > 0);
  judgeReport(machine.journal, { of: 'gce', what: factsOf({ ...seen, functions, nics }, machine) });
}
