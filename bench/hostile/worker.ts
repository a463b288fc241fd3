import { deedOf } from './deeds.ts';

/** Number of measured points of virtual time, and the limit for reaching them. */
const MOST_POINTS = 100_000;
const PATIENCE_MS = 10_000;

/** The cost of one access, and of its consequences. */
export interface HostileFigures {
  readonly access: number;
  /** The longest point of virtual time after it. */
  readonly longest: number;
  readonly points: number;
  readonly done: boolean;
  /** Maximum memory growth of the process, in MiB. */
  readonly mib: number;
}

const residentKiB = () => process.resourceUsage().maxRSS;

/** Milliseconds of the host. */
function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

/** One process per access: so one does not slow another, and a crash ends only its own. */
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
