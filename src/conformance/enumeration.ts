import { bdfText, hex } from '../core/bits.ts';
import type { FoundFunction } from '../core/driver.ts';
import type { Journal } from '../core/journal.ts';
import type { FunctionView } from '../machine/function-view.ts';
import type { Machine } from '../machine/machine.ts';

/** Holds what a guest's enumeration found against what is plugged in. */
export function judgeEnumeration(found: readonly FoundFunction[], machine: Machine): void {
  const { journal } = machine;
  journal.met('pci/FUNCTIONS');
  for (const fn of machine.functions) {
    const seen = found.find(({ bdf }) => bdf === fn.bdf);
    if (seen === undefined)
      journal.report('pci/FUNCTIONS', fn.subject, `the scan did not find ${bdfText(fn.bdf)}`);
    else judgeFunction(seen, fn, machine);
  }
  for (const { bdf } of found)
    if (machine.idOf(bdf) === null)
      journal.report('pci/FUNCTIONS', bdfText(bdf), 'the scan found a function that is not there');
}

function judgeFunction(seen: FoundFunction, fn: FunctionView, machine: Machine): void {
  const { journal } = machine;
  const id = machine.idOf(fn.bdf)!;
  if (seen.id.vendor !== id.vendor || seen.id.device !== id.device || seen.id.class !== id.class) {
    const said = `${hex(seen.id.vendor, 4)}:${hex(seen.id.device, 4)} class ${hex(seen.id.class, 6)}`;
    const is = `${hex(id.vendor, 4)}:${hex(id.device, 4)} class ${hex(id.class, 6)}`;
    journal.report('pci/FUNCTIONS', fn.subject, `the scan took it for ${said}; it is ${is}`);
  }
  judgeBars(seen, fn, journal);
}

function judgeBars(seen: FoundFunction, fn: FunctionView, journal: Journal): void {
  if (fn.bars.length > 0) journal.met('pci/BAR-SIZE');
  for (const bar of fn.bars) {
    const guess = seen.bars.find(({ index }) => index === bar.index);
    const is = `${bar.kind} of ${bar.region.size} bytes`;
    if (guess === undefined)
      journal.report('pci/BAR-SIZE', fn.subject, `base address ${bar.index} was not found; it is ${is}`);
    else if (guess.size !== bar.region.size || guess.kind !== bar.kind)
      journal.report(
        'pci/BAR-SIZE',
        fn.subject,
        `base address ${bar.index} was sized as ${guess.kind} of ${guess.size} bytes; it is ${is}`,
      );
  }
  for (const { index } of seen.bars)
    if (!fn.bars.some((bar) => bar.index === index))
      journal.report('pci/BAR-SIZE', fn.subject, `base address ${index} was found; there is none`);
}
