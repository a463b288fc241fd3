import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that repeats a work on command, so that those which are compared take turns. */
export class Turns {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, ...args: readonly string[]) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  /** @returns nanoseconds of processor time. */
  async take(order: string): Promise<number> {
    this.child.stdin!.write(`${order}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`a worker ended at ${order}`);
    return Number(value);
  }

  stop(): void {
    this.child.stdin!.end();
    this.child.unref();
  }
}

/** The process's side: an order begins with a number of repetitions. */
export async function answerTurns(work: (times: number) => void, check: () => void): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    work(Number.parseInt(line, 10));
    const { user, system } = process.cpuUsage(before);
    check();
    console.log((user + system) * 1000);
  }
}
