import { fails, judge } from '../../src/conformance/index.ts';
import type { PciId, VirtioUse } from '../../src/guest/index.ts';
import type { Machine } from '../../src/index.ts';
import type { Unusual } from './drivers.ts';

/** The failures of a driver with the first function that it is for, and its error. */
export function judged(
  { name, run }: Unusual,
  matches: (id: PciId) => boolean,
  machine: () => Machine,
  use: VirtioUse = {},
): { stopped: unknown; failing: string[] } {
  const driver = { name, matches, attach: (_port: unknown, bdf: number) => bdf };
  const { stopped, verdicts } = judge(
    { name, drivers: [driver], run: (port, [bdf], on) => run({ port, bdf, use }, on) },
    { machine },
  );
  return {
    stopped,
    failing: verdicts.filter(fails).map(({ clause, findings }) => `${clause}: ${findings[0]!.said}`),
  };
}
