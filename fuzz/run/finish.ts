import type { Machine } from '../../src/index.ts';
import type { Stage } from '../setup/stage.ts';
import type { Run } from './run.ts';

/** Adds frames and serial bytes to the digest as they are sent, and drops what a machine keeps of them for tests. */
export function watchOutput({ events, nics }: Machine, run: Run): void {
  events.on('frame', (name, frame, sent) => {
    run.digest.text(name);
    run.digest.add(sent ? 1 : 0);
    run.digest.bytes(frame);
    for (const { sent } of nics) sent.length = 0;
  });
  events.on('serial', (_name, byte) => run.digest.add(byte));
}

/** Larger RAM takes seconds to read. */
const TOO_LARGE = 2 ** 30;

/** The final state of a run. */
export interface Ended {
  /** The same score has the same digest. */
  readonly digest: string;
  /** How often each broken clause was broken. */
  readonly broken: ReadonlyMap<string, number>;
  readonly met: readonly string[];
}

/** Evaluates the final state. */
export function finish(stage: Stage, run: Run, clauses: readonly string[], withRam = false): Ended {
  const broken = new Map<string, number>();
  const met: string[] = [];
  for (const { journal, chassis, now, findings } of stage.machines) {
    const { memory } = chassis.board;
    if (withRam && memory.size < TOO_LARGE) for (const range of memory.ranges) run.digest.bytes(range.bytes);
    run.digest.add(now);
    for (const { clause, said, at } of findings) {
      run.digest.text(`${clause} ${said}`);
      run.digest.add(at);
    }
    for (const clause of clauses) {
      const count = journal.count(clause);
      if (count > 0) broken.set(clause, (broken.get(clause) ?? 0) + count);
      if (journal.reached(clause)) met.push(clause);
    }
  }
  const stray = stage.close();
  if (stray !== null) run.fail(stray);
  return { digest: run.digest.hex, broken, met };
}
