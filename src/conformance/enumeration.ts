import type { FoundFunction } from '../core/driver.ts';
import type { Machine } from '../machine/machine.ts';
import type { PciFunction } from '../pci/pci-function.ts';
import type { PluggedFunction } from '../rules/pci/enumeration.ts';
import { EnumerationWatch } from '../rules/pci/enumeration-watch.ts';

/** Holds what a guest's enumeration found against what is plugged in. */
export function judgeEnumeration(found: readonly FoundFunction[], machine: Machine): void {
  const plugged = machine.functions.map((fn) => pluggedFunction(fn, machine));
  new EnumerationWatch(machine.journal).enumerated(found, plugged);
}

function pluggedFunction({ bdf, subject, bars }: PciFunction, machine: Machine): PluggedFunction {
  return {
    bdf,
    subject,
    id: machine.idOf(bdf)!,
    bars: bars.map(({ index, kind, region }) => ({ index, kind, size: region.size })),
  };
}
