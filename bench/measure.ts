import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export interface Measure {
  /** Median over the rounds, of this process's CPU time. */
  readonly nsPerUnit: number;
  /** Growth of the heap while nothing was collected. */
  readonly bytesPerUnit: number;
}

export interface Subject {
  readonly name: string;
  /** Units of work of one call of `run`. */
  readonly units: number;
  run(): void;
}

const ROUND_NS = 20e6;

/**
 * Measures all subjects side by side: every round runs each of them once, so that a disturbance hits all alike.
 *
 * @param rounds how many; the median counts.
 */
export function measureAll(subjects: readonly Subject[], rounds: number): Map<Subject, Measure> {
  const repeats = subjects.map((subject) => calibrate(subject));
  const times = subjects.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, subject] of subjects.entries()) times[i]!.push(cpuTime(subject, repeats[i]!));
  return new Map(
    subjects.map((subject, i) => {
      const units = repeats[i]! * subject.units;
      return [
        subject,
        { nsPerUnit: median(times[i]!) / units, bytesPerUnit: heapGrowth(subject, repeats[i]!) / units },
      ];
    }),
  );
}

/** How often to run for a round of some 20 ms; warms the code up meanwhile. */
function calibrate(subject: Subject): number {
  let repeats = 1;
  while (cpuTime(subject, repeats) < ROUND_NS) repeats *= 2;
  return repeats;
}

function cpuTime(subject: Subject, repeats: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < repeats; i++) subject.run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}

/** The least of three: what the engine allocates for itself comes and goes, what the subject allocates stays. */
function heapGrowth(subject: Subject, repeats: number): number {
  const grown = [0, 0, 0].map(() => {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < repeats; i++) subject.run();
    return process.memoryUsage().heapUsed - before;
  });
  return Math.max(0, Math.min(...grown));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
