import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

/** What takes longer than this goes round for ever. */
const LIMIT_MS = 300_000;

/** Runs tests in a process of its own, which loads vitest and compiles the sources once for all mutants. */
export class Runner {
  private child: ChildProcess | null = null;
  private ended = new AbortController();
  private last: Promise<unknown> = Promise.resolve();

  /** The name of the first test that fails with this mutant in place, or with none; null if all pass. One at a time. */
  firstToFail(mutant: Mutant | null): Promise<string | null> {
    const name = this.last.then(() => this.ask(mutant));
    this.last = name;
    return name;
  }

  close(): void {
    this.child?.kill('SIGKILL');
    this.child = null;
  }

  private async ask(mutant: Mutant | null): Promise<string | null> {
    this.child ??= this.start();
    const signal = AbortSignal.any([this.ended.signal, AbortSignal.timeout(LIMIT_MS)]);
    this.child.send({ mutant });
    try {
      const [{ name }] = await once(this.child, 'message', { signal });
      return name;
    } catch {
      this.close();
      return 'none came to its end';
    }
  }

  private start(): ChildProcess {
    const child = fork(join(import.meta.dirname, 'process.ts'), {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ended = new AbortController();
    child.once('exit', () => ended.abort());
    this.ended = ended;
    return child;
  }
}
