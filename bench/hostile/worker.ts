import { deedOf } from './deeds.ts';

/** Points of virtual time that are looked at, and how long it may take to come there. */
const MOST_POINTS = 100_000;
const PATIENCE_MS = 10_000;

/** What one access took, and what followed from it. */
export interface HostileFigures {
  readonly access: number;
  /** The longest point of virtual time behind it. */
  readonly longest: number;
  readonly points: number;
  readonly done: boolean;
  /** Most memory that the process had beyond what it had before, in MiB. */
  readonly mib: number;
}

const residentKiB = () => process.resourceUsage().maxRSS;

/** Milliseconds of the host's. */
function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

/** One process for each: what one leaves does not slow another, and one that ends the process ends its own. */
const deed = deedOf(process.argv[2] ?? '');
const { clock } = deed.machine.chassis.board;
const before = residentKiB();
const begun = performance.now();
clock.advance(1000);
const access = timed(() => deed.act());
let longest = 0;
let points = 0;
while (!deed.done() && points < MOST_POINTS && clock.next < Number.POSITIVE_INFINITY) {
  if (performance.now() - begun > PATIENCE_MS) break;
  longest = Math.max(
    longest,
    timed(() => clock.advance(clock.next - clock.now)),
  );
  points++;
}
const mib = (residentKiB() - before) / 1024;
const figures: HostileFigures = { access, longest, points, done: deed.done(), mib };
console.log(JSON.stringify(figures));
