import { openSync, readSync } from 'node:fs';
import { cpuUsage } from 'node:process';

const SCHEDSTAT = '/proc/thread-self/schedstat';
const text = Buffer.alloc(64);
const open = (): number | null => {
  try {
    return openSync(SCHEDSTAT, 'r');
  } catch {
    return null;
  }
};
/** The file of the thread that opened it. */
const file = open();

/** Milliseconds of processor time of this thread so far, or if the host does not provide that, of the process. */
export function cpuMs(): number {
  if (file === null) {
    const { user, system } = cpuUsage();
    return (user + system) / 1000;
  }
  const length = readSync(file, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, text.indexOf(' ')).slice(0, length)) / 1e6;
}
