import { readFileSync } from 'node:fs';

/** Nanoseconds on a processor, nanoseconds that it waited for one, and how often it had one. */
const SCHEDSTAT = '/proc/thread-self/schedstat';

/** Of Node 23.9 and later. */
type ThreadCpuUsage = () => { readonly user: number; readonly system: number };

/**
 * Milliseconds for which this thread had a processor: time that the host spends elsewhere does not count. If neither Node
 * nor the host has it for a thread, that of the whole process.
 */
export function threadTime(): number {
  told ??= chosen();
  return told();
}

let told: (() => number) | null = null;

function chosen(): () => number {
  const { threadCpuUsage } = process as { readonly threadCpuUsage?: ThreadCpuUsage };
  if (threadCpuUsage !== undefined) return () => sum(threadCpuUsage());
  return tellsOfThreads() ? scheduled : () => sum(process.cpuUsage());
}

function sum({ user, system }: ReturnType<ThreadCpuUsage>): number {
  return (user + system) / 1000;
}

function scheduled(): number {
  return Number(readFileSync(SCHEDSTAT, 'latin1').split(' ', 1)[0]) / 1e6;
}

/** A kernel that keeps no such statistics has zeroes there. */
function tellsOfThreads(): boolean {
  try {
    return scheduled() > 0;
  } catch {
    return false;
  }
}
