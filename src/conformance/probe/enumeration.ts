import { bdfText } from '../../core/bits.ts';
import type { FoundFunction } from '../../core/driver.ts';
import type { Journal } from '../../core/journal.ts';
import type { FunctionView } from '../../machine/function-view.ts';
import type { Machine } from '../../machine/machine.ts';
import { CAPABILITIES_POINTER, CAPABILITY_ID, MSIX_CONTROL, STATUS } from '../../pci/registers.ts';
import { judgeReport } from '../../rules/guest-report.ts';
import type { PluggedFunction } from '../../rules/pci/enumeration.ts';

/** For a machine whose guest only enumerated the bus. */
const NOTHING_ELSE = {
  seen: { serial: [], disks: [], otherUnits: 0, hotplug: false, nics: [] },
  machine: { serial: [], disks: [], scsiQueues: 0 },
};

/** As many as configuration space has room for. */
const CAPABILITIES_MOST = 48;

const UNSEEN = { bars: [], msixVectors: 0, pin: 0, line: 0 };

/** Compares the functions that a guest's enumeration found with those that are plugged in. */
export function judgeEnumeration(found: readonly FoundFunction[], machine: Machine): void {
  const plugged = machine.functions.map((fn) => pluggedFunction(fn, machine));
  judgeReport(machine.journal, { of: 'enumeration', what: { found, plugged } });
}

/** The same if only an enumeration of ours knows what is plugged in. */
export function judgeFound(
  found: readonly FoundFunction[],
  ours: readonly FoundFunction[],
  journal: Journal,
): void {
  const plugged = ours.map((fn) => ({ ...fn, subject: bdfText(fn.bdf) }));
  judgeReport(journal, { of: 'enumeration', what: { found, plugged } });
}

/** And with the functions that the Compute Engine document lists. */
export function judgeBus(found: readonly FoundFunction[], machine: Machine): void {
  const functions = machine.functions.map(({ bdf }) => ({ bdf, id: machine.idOf(bdf)! }));
  const what = {
    seen: { ...NOTHING_ELSE.seen, functions: withMissed(found, machine) },
    machine: { ...NOTHING_ELSE.machine, profile: machine.profile.name, functions },
  };
  judgeReport(machine.journal, { of: 'gce', what });
}

/** The functions that were found, and those that were not: only 'pci/FUNCTIONS' reports the latter. */
export function withMissed(found: readonly FoundFunction[], machine: Machine): FoundFunction[] {
  const missed = machine.functions.filter(({ bdf }) => !found.some((fn) => fn.bdf === bdf));
  return [...found, ...missed.map(({ bdf }) => ({ ...UNSEEN, bdf, id: machine.idOf(bdf)! }))];
}

function pluggedFunction(fn: FunctionView, machine: Machine): PluggedFunction {
  const { bdf, subject, bars } = fn;
  return {
    bdf,
    subject,
    msixVectors: vectorsOf(fn, machine),
    id: machine.idOf(bdf)!,
    bars: bars.map(({ index, kind, region }) => ({ index, kind, size: region.size })),
  };
}

/** Entries of the MSI-X table, 0 without one: past `readConfig`, whose reads are taken for the guest's. */
function vectorsOf({ bdf }: FunctionView, { chassis }: Machine): number {
  const { config } = chassis.bus.at(bdf)!;
  const hasList = (config.get(STATUS) & STATUS.mask.CAPABILITIES_LIST) !== 0;
  let at = hasList ? config.get(CAPABILITIES_POINTER) : 0;
  // A list may be made to loop.
  for (let left = CAPABILITIES_MOST; at !== 0 && left > 0; left--) {
    if (config.read(at, 1) === CAPABILITY_ID.MSIX)
      return MSIX_CONTROL.decode(config.get(MSIX_CONTROL, at)).TABLE_SIZE + 1;
    at = config.read(at + 1, 1);
  }
  return 0;
}
