import { type BalloonDriver, SECOND, virtioBalloonDriver } from '../../../guest/index.ts';
import type { ProbedMachine } from '../probed-machine.ts';
import type { MetOf, ProbedKind } from './kind.ts';

/** The memory that the guest gave on request, in pages of 4 KiB. */
export interface GatheredBalloon {
  readonly asked: number;
  readonly given: number;
  /** In the balloon, when no more was requested. */
  readonly left: number;
  /** Bytes of RAM, as its statistics have it; null if it reported none. */
  readonly told: bigint | null;
}

const PAGES = 16;

export const balloonsKind = {
  bothEnds: ({ handle }: MetOf<'balloons'>, machine) => askForPages(handle, machine),
  function: { what: 'memory', driver: virtioBalloonDriver },
  rows: (seen) =>
    seen.map(({ asked, given, left }) => ['balloon', `${asked} pages`, `${given} given, ${left} left`]),
  json: () => ({}),
} satisfies ProbedKind<'balloons', GatheredBalloon>;

/** Asks the guest for pages and for statistics, and lets it have everything back. */
function askForPages(guest: BalloonDriver, machine: ProbedMachine): GatheredBalloon {
  const balloon = machine.balloon!;
  const { target } = balloon;
  const follow = (pages: number) => {
    balloon.target = pages;
    guest.follow();
    return balloon.pages;
  };
  const given = follow(PAGES);
  const left = follow(0);
  balloon.askStats();
  guest.answer(SECOND);
  const told = balloon.stats?.get('MEMTOT') ?? null;
  guest.close();
  balloon.target = target;
  return { asked: PAGES, given, left, told };
}
