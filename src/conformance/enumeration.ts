import type { FoundFunction } from '../core/driver.ts';
import type { FunctionView } from '../machine/function-view.ts';
import type { Machine } from '../machine/machine.ts';
import type { PluggedFunction } from '../rules/pci/enumeration.ts';
import { EnumerationWatch } from '../rules/pci/enumeration-watch.ts';

/** Compares what a guest's enumeration found with what is plugged in. */
export function judgeEnumeration(found: readonly FoundFunction[], machine: Machine): void {
  const plugged = machine.functions.map((fn) => pluggedFunction(fn, machine));
  new EnumerationWatch(machine.journal).enumerated(found, plugged);
}

function pluggedFunction({ bdf, subject, bars }: FunctionView, machine: Machine): PluggedFunction {
  return {
    bdf,
    subject,
    id: machine.idOf(bdf)!,
    bars: bars.map(({ index, kind, region }) => ({ index, kind, size: region.size })),
  };
}
