import { Worker } from 'node:worker_threads';
import { afterAll } from 'vitest';

/** Several times what the longest file takes on a busy machine. */
const LIMIT_MS = 1_200_000;

/**
 * Code that computes for ever stops the thread in which vitest would notice that. Another thread ends the process then, and
 * the report has the file as one whose worker died.
 */
const KILL = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${LIMIT_MS})`;
const held = globalThis as { watchdog?: Worker };
// Files may share a process. The watchdog of one whose tests are all skipped is still there: no hook of it ran.
await held.watchdog?.terminate();
held.watchdog = new Worker(KILL, { eval: true });
held.watchdog.unref();
afterAll(async () => void (await held.watchdog?.terminate()));
