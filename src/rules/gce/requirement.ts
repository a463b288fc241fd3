import { hex } from '../../core/bits.ts';
import type { Rule } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';
import type { GceFacts, SeenDisk, SeenMachine } from './facts.ts';

export interface GceKnows extends Knows, GceFacts {}

/** A line of the Compute Engine document. Unlike other rules it is reported when kept, too: `said` fits both. */
export interface Requirement extends Rule<GceKnows, 'probed'> {
  /** The machine itself differs, and the guest found what is there. Then the rule is not met. */
  readonly excused?: (k: GceKnows) => boolean;
  /** The text where nothing could break the rule. */
  readonly untried?: string;
}

type Check = Pick<Requirement, 'on' | 'when' | 'kept' | 'said' | 'excused' | 'untried'>;

const NONE = 'the machine has none';

/** A check that the chipset has a function, as Intel numbers it, of this revision. */
export function bridge(device: number, revision: number): Check {
  const bridgeOf = <Fn extends { id: { vendor: number; device: number } }>(functions: readonly Fn[]) =>
    functions.find(({ id }) => id.vendor === 0x8086 && id.device === device);
  const seen = ({ functions }: SeenMachine) => bridgeOf(functions);
  const isThere = (k: GceKnows) => bridgeOf(k.machine.functions) !== undefined;
  const kept = (k: GceKnows) => seen(k.seen)?.id.revision === revision;
  // A machine other than Compute Engine may have another revision, which the guest is right to find.
  const excused = (k: GceKnows) => {
    const found = seen(k.seen);
    const real = k.machine.functions.find(({ bdf }) => bdf === found?.bdf);
    return !kept(k) && found !== undefined && found.id.revision === real?.id.revision;
  };
  return {
    on: 'probed',
    when: (k) => isThere(k) && !excused(k),
    kept,
    untried: NONE,
    said: (k) => {
      const found = seen(k.seen);
      if (found === undefined) return 'not found';
      const said = `revision ${hex(found.id.revision, 2)}`;
      return excused(k) ? `${said}, as ${k.machine.profile} shows it` : said;
    },
    excused,
  };
}

/** A check that a virtio function of this transitional device ID has this type. */
export function virtio(device: number, type: number): Check {
  const seen = ({ seen: { functions } }: GceKnows) =>
    functions.find(({ id }) => id.vendor === 0x1af4 && id.device === device);
  return {
    on: 'probed',
    when: (k) => seen(k) !== undefined,
    kept: (k) => seen(k)!.id.subsystem === type,
    said: (k) => `1af4:${hex(device, 4)}, type ${seen(k)!.id.subsystem}`,
    untried: NONE,
  };
}

type Holds<Part> = (part: Part) => boolean;
type Says<Part> = (part: Part) => string;

/** A check on what `find` finds; where it finds nothing, the rule is not met. */
export function on<Part>(
  find: (k: GceKnows) => Part | null | undefined,
  holds: Holds<Part>,
  says: Says<Part>,
): Check {
  return {
    on: 'probed',
    when: (k) => (find(k) ?? null) !== null,
    kept: (k) => holds(find(k)!),
    said: (k) => says(find(k)!),
  };
}

/** A check that every disk must hold; `said` is of the first that does not. */
export function onDisks(
  holds: (disk: SeenDisk, k: GceKnows) => boolean,
  says: (disk: SeenDisk, held: boolean) => string,
): Check {
  const failing = (k: GceKnows) => k.seen.disks.find((disk) => !holds(disk, k));
  return {
    on: 'probed',
    when: (k) => k.seen.disks.length > 0,
    kept: (k) => failing(k) === undefined,
    said: (k) => {
      const wrong = failing(k);
      return says(wrong ?? k.seen.disks[0]!, wrong === undefined);
    },
  };
}
