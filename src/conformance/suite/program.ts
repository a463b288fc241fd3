import { MisuseError } from '../../core/misuse.ts';
import { planFor } from '../../machine/plan.ts';
import { PROFILES } from '../../machine/profiles.ts';
import { CLAUSES } from '../../rules/index.ts';
import { LIES, lieNamed } from '../hostile/index.ts';
import type { Lie } from '../hostile/lie.ts';
import { optionsFor, playLie } from '../hostile/play-lie.ts';
import { type DeviceKind, isAbout, ownKindOf, typeOf } from '../model/kinds.ts';
import { attachedBy, type DriverModel, drivesOf } from '../model/model.ts';
import { SUITE } from '../scenarios/index.ts';
import { isUse, kindsFor, type SuiteScenario } from '../scenarios/scenario.ts';
import type { SkippedScenario } from './conformance.ts';
import type { CheckedOptions } from './options.ts';
import { type PlayedRun, play } from './play.ts';
import type { Turn } from './run-filter.ts';

/** The turns of a driver. */
export interface Program {
  readonly turns: readonly Turn[];
  readonly skipped: readonly SkippedScenario[];
}

/**
 * Every scenario that applies to such a machine and concerns the model, with every seed that matters to it. What does not
 * concern it is not spoken of, unless it was asked for by its name.
 */
export function programFor(model: DriverModel, options: CheckedOptions): Program {
  // What is wrong with the user's own options is said before a scenario has others.
  planFor(PROFILES[options.profile], options.machine);
  const playable = SUITE.filter(({ applies }) => applies?.(options.machine) ?? true);
  const lies = options.hostile ? LIES.map((lie) => asScenario(lie, model)) : [];
  return programOf(
    model,
    [...playable, ...lies].filter((one) => isPossible(one, options)),
    options,
  );
}

/**
 * Whether the machine has such devices, and takes the scenario's options: a C3 has no virtio-net and no SCSI disk.
 */
function isPossible(
  { needs = [], options }: SuiteScenario,
  { profile, machine }: Pick<CheckedOptions, 'profile' | 'machine'>,
): boolean {
  const { disks, nic } = PROFILES[profile];
  const absent = [...(disks === 'nvme' ? ['scsi'] : []), ...(nic.type === 'gvnic' ? ['net'] : [])];
  const isThere = (need: (typeof needs)[number]) =>
    kindsFor(need)?.some((kind) => !absent.includes(kind)) ?? true;
  if (!needs.every(isThere)) return false;
  try {
    planFor(PROFILES[profile], options?.(machine) ?? machine);
    return true;
  } catch (error) {
    if (error instanceof MisuseError) return false;
    throw error;
  }
}

/** A lie as a scenario: a driver without functions is lied to by serial ports alone, unless it looks for functions. */
function asScenario(lie: Lie, { enumerate }: DriverModel): SuiteScenario {
  const { name, clause } = lie;
  const isOfAll = enumerate !== undefined || isAbout(clause, []);
  const kind = ownKindOf(clause) ?? typeOf(clause) ?? (isOfAll ? null : 'virtio');
  return {
    name,
    why: CLAUSES[clause].text,
    needs: kind === null ? [] : [kind],
    options: (base) => optionsFor(lie, base),
  };
}

/** The requested number of these. */
export function programOf(
  model: DriverModel,
  playable: readonly SuiteScenario[],
  { scenarios, seeds, shard = '1/1' }: Pick<CheckedOptions, 'scenarios' | 'seeds' | 'shard'>,
): Program {
  const { kinds } = drivesOf(model);
  const chosen = playable.filter((one) => scenarios?.includes(one.name) ?? concerns(one, kinds));
  const skipped = chosen.flatMap((scenario) => skippedFor(scenario, model, kinds));
  const [part, parts] = shard.split('/').map(Number) as [number, number];
  const isIn = (_: unknown, i: number) => i % parts === part - 1;
  const turns = chosen
    .filter(({ name }) => !skipped.some(({ scenario }) => scenario === name))
    .filter(isIn)
    .flatMap(({ name, once }) =>
      (once ? seeds.slice(0, 1) : seeds).map((seed) => ({ scenario: name, seed })),
    );
  return { turns, skipped: skipped.filter(isIn) };
}

export function playTurn(model: DriverModel, turn: Turn, options: CheckedOptions): PlayedRun {
  const lie = lieNamed(turn.scenario);
  if (lie !== undefined) return playLie(model, lie, turn.seed, options);
  return play(model, SUITE.find(({ name }) => name === turn.scenario)!, turn.seed, options);
}

/** The scenario itself, if the model lacks what it needs. */
function skippedFor(
  { name, needs = [] }: SuiteScenario,
  model: DriverModel,
  kinds: readonly DeviceKind[],
): SkippedScenario[] {
  const lacking = needs.flatMap((one) => {
    if (isUse(one) && isOfOtherDisk(needs, kinds)) return [`use.${one} of NVMe`];
    if (one === 'drivers') return attachedBy(model) === null ? [one] : [];
    if (isUse(one)) return model.use?.[one] === undefined ? [`use.${one}`] : [];
    return concerns({ needs: [one] }, kinds) ? [] : [`a driver of ${one} devices`];
  });
  if (lacking.length === 0) return [];
  return [{ scenario: name, reason: `needs ${lacking.join(' and ')}, which the model does not give` }];
}

/** Of a driver of both kinds of disks, `use` is of those behind SCSI. */
function isOfOtherDisk(needs: readonly string[], kinds: readonly DeviceKind[]): boolean {
  const isDisk = needs.includes('nvme') && needs.some((need) => need === 'read' || need === 'write');
  return isDisk && kinds.includes('scsi');
}

/** Whether the model drives the devices that the scenario is about. */
function concerns({ needs = [] }: Pick<SuiteScenario, 'needs'>, kinds: readonly DeviceKind[]): boolean {
  return (
    !isOfOtherDisk(needs, kinds) &&
    needs.every((need) => kindsFor(need)?.some((kind) => kinds.includes(kind)) ?? true)
  );
}
