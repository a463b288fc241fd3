/** Lines of a kernel's log, made comparable. */

/** The firmware's tables lie in the last pages of RAM: these are as many as with room for 256 CPUs. */
const TABLES = 0xd000;
const STAMP = /^\[ *\d+\.\d+\] /;
const HEX = /0x([0-9a-fA-F]{7,16})\b/g;
/** How long a machine had run when its kernel registered its clock: 3 to 7 s in all logs. */
const SCHED_OFFSET = /sched offset of [3-6]\d{9} cycles/;
/** Lines with the end of RAM as the start of the free range behind it. */
const BEHIND_RAM = /available for PCI devices|nosave memory/;

/**
 * A line without its time, and with addresses at the end of RAM counted back from there, so that machines of
 * different size print the same.
 */
export function normalise(line: string, ramEnd: number): string {
  return line
    .replace(STAMP, '')
    .replace(SCHED_OFFSET, 'sched offset of <3 to 7 s>')
    .replaceAll(HEX, (text: string, digits: string) => {
      const before = ramEnd - Number.parseInt(digits, 16);
      if (before > TABLES + 1 || before < 0 || (before === 0 && !BEHIND_RAM.test(line))) return text;
      return `<end of RAM - ${before.toString(16)}h>`;
    });
}

/** All lines that a kernel printed with a time stamp. */
export function kernelLines(text: string, ramEnd: number): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.slice(Math.max(0, line.search(/\[ *\d+\.\d{6}\] /))));
  return lines.filter((line) => STAMP.test(line)).map((line) => normalise(line, ramEnd).trimEnd());
}

/** The lines of a log file in this folder: without comments and empty lines. */
export function expectedLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * A line that cannot be equal, and the cause: kernel, number of CPUs, v86's processor, the protocol by which
 * our host starts the kernel, what is not modelled here, or that it is missing in the log.
 */
export interface Exception {
  readonly line: string;
  readonly cause: 'kernel' | 'CPU count' | 'v86' | 'boot protocol' | 'not modelled' | 'not kept';
  readonly why: string;
}

/** How one log compares with another. */
export interface Comparison {
  readonly equal: string[];
  /** Missing, and declared to be. */
  readonly excepted: string[];
  /** Missing without a declaration. */
  readonly missing: string[];
  /** Declared as missing, but present; or not a line of the log. */
  readonly needless: string[];
}

/**
 * Looks for the lines of `expected`, each reworded by `reword`, in `found`. Lines that became equal may share one;
 * a line that occurs twice must be there twice.
 */
export function compare(
  expected: readonly string[],
  found: readonly string[],
  exceptions: readonly Exception[],
  reword: (line: string) => string,
): Comparison {
  const result: Comparison = { equal: [], excepted: [], missing: [], needless: [] };
  for (const [index, line] of expected.entries()) {
    const text = reword(line);
    const before = expected.slice(0, index).filter((other) => other === line).length;
    const there = found.filter((other) => other === text).length > before;
    const declared = exceptions.some((exception) => exception.line === line);
    if (there) result.equal.push(line);
    else (declared ? result.excepted : result.missing).push(line);
  }
  const needed = new Set(result.excepted);
  result.needless.push(...exceptions.map(({ line }) => line).filter((line) => !needed.has(line)));
  return result;
}
