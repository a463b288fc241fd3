import type { FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { enumerate } from '../pci/enumerate.ts';
import { type ChipsetFacts, probeChipset } from './chipset.ts';
import { type FactsOf, type HandleOf, type Kind, PARTS } from './index.ts';
import type { Part, ProbeTask } from './part.ts';

const NOTHING_SAID: ProbeTask = { text: 'guestrig probe\r\n', frames: [] };
const KINDS = Object.keys(PARTS) as Kind[];

/** All facts that a guest learns of a machine by using each part of it. */
export type ProbeFacts = {
  readonly functions: readonly FoundFunction[];
  /** Null if there is none. */
  readonly chipset: ChipsetFacts | null;
} & { readonly [K in Kind]: readonly FactsOf<K>[] };

/** A device that was used, and is still in use. */
export type Met = {
  [K in Kind]: {
    readonly kind: K;
    readonly at: number;
    readonly handle: HandleOf<K>;
    readonly facts: FactsOf<K>;
  };
}[Kind];

/**
 * Explores a machine as a guest does, through its port only, and uses every part it finds.
 *
 * @example
 * const facts = probe(machine.port);
 * facts.serial.map(({ port, irq }) => [port, irq]);   // [[0x3f8, 4], [0x2f8, 3], [0x3e8, 6], [0x2e8, 7]]
 * facts.adapters[0]?.disks[0]?.sha256;
 */
export function probe(port: GuestPort, task: ProbeTask = NOTHING_SAID): ProbeFacts {
  const functions = enumerate(port);
  const chipset = probeChipset(port, functions);
  const parts = explore(port, functions, task, ({ facts }) => facts);
  return { functions, chipset, ...parts } as ProbeFacts;
}

/**
 * Finds and uses device after device. Each is still in use when `tell` is called for it, before the next one.
 * @returns the results of `tell`, by kind of device.
 */
export function explore<Result>(
  port: GuestPort,
  functions: readonly FoundFunction[],
  task: ProbeTask,
  tell: (met: Met) => Result,
): Record<Kind, Result[]> {
  const told = KINDS.map((kind): [Kind, Result[]] => {
    const part: Part<unknown, unknown> = PARTS[kind];
    const found = part.find(port, functions);
    const all = found.map(({ at, attach }) => {
      const handle = attach(task);
      return tell({ kind, at, handle, facts: part.probe(handle, task) } as Met);
    });
    return [kind, all];
  });
  return Object.fromEntries(told) as Record<Kind, Result[]>;
}
