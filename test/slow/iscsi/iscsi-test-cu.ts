import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = 'iscsi-test-cu';
/** Seconds of a processor for one suite: the program tries for ever to reach a target that is gone. */
const BUSY_MOST = 10;
/** Lines of a test's log that say enough of it. */
const LOG_LINES = 30;

/** `skip` is also a test that passed without a word, or though something that it asked failed. */
export type Outcome = 'pass' | 'skip' | 'fail' | 'crash';

/** All its tests for disks, `Suite.Test`; none where it is not installed. */
export const TESTS: readonly string[] = (spawnSync(PROGRAM, ['--list'], { encoding: 'utf8' }).stdout ?? '')
  .split('\n')
  .flatMap((line) => line.match(/^SCSI\.(\w+\.[\w-]+)$/)?.[1] ?? []);

/**
 * A library by which the program does not sleep: it waits for seconds after a reset, "in case the target is slow",
 * and our disks have a time of their own.
 */
export function compileNoSleep(folder: string): string {
  const library = join(folder, 'no-sleep.so');
  const input = 'unsigned sleep(unsigned seconds) { (void)seconds; return 0; }';
  execFileSync('gcc', ['-shared', '-fPIC', '-x', 'c', '-o', library, '-'], { input });
  return library;
}

/**
 * Runs a suite, with all that it may destroy.
 *
 * @param urls the disk, by each of its paths.
 * @returns the outcome of each test by its name, and the end of what those said that did not pass.
 */
export async function runSuite(suite: string, urls: readonly string[], preload: string) {
  const options = ['--dataloss', '--allow-sanitize', '--Verbose-scsi', `--test=SCSI.${suite}`];
  const argv = ['-c', `ulimit -t ${BUSY_MOST}; exec "$0" "$@"`, PROGRAM, ...options, ...urls];
  const env = { ...process.env, LD_PRELOAD: preload };
  const program = spawn('sh', argv, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  program.stdout.setEncoding('utf8');
  let said = '';
  for await (const text of program.stdout) said += text;
  const [, ...tests] = said.split(/^ {2}Test: /m);
  const outcomes = Object.fromEntries(tests.map((text) => [text.split(' ', 1)[0]!, outcomeOf(text)]));
  const log = tests
    .filter((text) => outcomeOf(text) !== 'pass')
    .map((text) => text.split('\n').slice(-LOG_LINES));
  return { outcomes, log: log.flat().join('\n') };
}

/** CUnit's verdict follows what a test says, at the beginning of a line or after the name. */
function outcomeOf(text: string): Outcome {
  const [said, verdict] = text.split(/(?:^|(?<=^\S+ \.\.\.))(passed|FAILED)/m);
  if (verdict === undefined) return 'crash';
  if (verdict === 'FAILED') return 'fail';
  return /\.\.\.$/.test(said!) || /\[(SKIPPED|FAILED)\]/.test(said!) ? 'skip' : 'pass';
}
