import { attachedBehind } from '../../src/conformance/broken/behind.ts';
import { type BrokenDriver, usualMachine } from '../../src/conformance/broken/broken-driver.ts';
import { BROKEN_DRIVERS, conform, type DriverModel, isFailure, judge } from '../../src/conformance/index.ts';
import { referenceUses } from '../../src/conformance/reference.ts';
import type { Under } from '../../src/conformance/suite/conformance.ts';
import { tiesIn } from '../../src/conformance/suite/mistakes.ts';
import type { Driver } from '../../src/core/driver.ts';
import type { GuestPort } from '../../src/core/guest-port.ts';
import type { MachineOptions } from '../../src/index.ts';
import type { ClauseId } from '../../src/rules/index.ts';

/** The clauses that a driver fails somewhere, what each is listed below, and whether it came to its end there. */
interface Outcome {
  readonly failing: ReadonlyMap<ClauseId, Under | null>;
  readonly finished: boolean;
}

export type Play = (model: DriverModel) => Outcome;

/** A driver with one mistake, the same without it, and where both are played. */
export interface Case {
  readonly broken: DriverModel;
  readonly mended: DriverModel;
  readonly play: Play;
}

export type Mistake = (port: GuestPort, bdf: number) => GuestPort;

/** On one machine. */
export function judged({ machine = usualMachine, act }: Pick<BrokenDriver, 'machine' | 'act'>): Play {
  return (model) => {
    const { verdicts, stopped } = judge(model, { machine, ...(act !== undefined && { act }) });
    const ties = tiesIn(verdicts);
    const failing = verdicts
      .filter(isFailure)
      .map(({ clause }) => [clause, ties.get(clause) ?? null] as const);
    return { failing: new Map(failing), finished: stopped === null };
  };
}

/** In scenarios of the suite, each with a machine of these options. */
export function inSuite(machine: MachineOptions, ...scenarios: readonly string[]): Play {
  return (model) => {
    const use = { ...referenceUses, ...model.use };
    const { verdicts, stopped } = conform({ ...model, use }, { scenarios, machine });
    const failing = verdicts.filter(isFailure).map(({ clause, under }) => [clause, under] as const);
    return { failing: new Map(failing), finished: stopped.length === 0 };
  };
}

/** The known drivers that break one of these clauses, played where `play` says. */
export function known(
  heads: readonly string[],
  play: (broken: BrokenDriver) => Play,
  change: (model: DriverModel) => DriverModel = (model) => model,
): Case[] {
  return BROKEN_DRIVERS.flatMap((driver) => {
    const { clause, model, good } = driver;
    if (good === undefined || !heads.includes(clause)) return [];
    return [{ broken: change(model), mended: change(good), play: play(driver) }];
  });
}

/** A good driver behind each of these mistakes. */
export function behindEach<Handle>(
  good: Driver<Handle>,
  use: (handle: Handle, port: GuestPort) => void,
  play: Play,
  mistakes: Readonly<Record<string, Mistake>>,
): Case[] {
  const run: DriverModel['run'] = (port, handles) => {
    for (const handle of handles) use(handle as Handle, port);
  };
  const mended = { name: 'mended', drivers: [good], run };
  return Object.entries(mistakes).map(([name, mistake]) => ({
    broken: { name, drivers: [attachedBehind(good, mistake)], run },
    mended,
    play,
  }));
}

/** `head > clause` of each pair that a case shows: one is broken below the other, and neither without the mistake. */
export function pairsShown({ broken, mended, play }: Case): string[] {
  const { failing } = play(broken);
  const good = play(mended);
  return [...failing].flatMap(([clause, under]) => {
    const isShown = under?.tie === 'follows' && !good.failing.has(clause) && !good.failing.has(under.clause);
    return isShown && good.finished ? [`${under.clause} > ${clause}`] : [];
  });
}
