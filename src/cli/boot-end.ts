import { hex, type Nanos } from '../core/bits.ts';
import type { KvmWhere } from '../hosts/kvm/index.ts';
import type { GuestWhere, RunEnd } from '../hosts/v86/index.ts';
import type { Console } from './console.ts';
import { type AnyCrash, causeText } from './crash-text.ts';
import type { Script } from './script.ts';
import { secondsText } from './time-text.ts';

/** The default time limit of `--until`: a guest that idles would never end. */
const PATIENCE: Nanos = 600_000_000_000;

/** The command line's conditions for the end of a boot. */
export interface Wanted {
  /** Text that the console must print. */
  readonly until: string | undefined;
  /** The most virtual time. */
  readonly limit: Nanos | undefined;
}

/** The state of a boot, as far as it may end it. */
export interface Seen {
  readonly console: Console;
  readonly script: Script | null;
  /** The user pressed Ctrl-C. */
  readonly stopped: boolean;
  readonly crash: AnyCrash | null;
  /** How long the guest has run. */
  readonly time: Nanos;
}

/** Ends that the guest did not cause. */
type Asked = 'printed' | 'script' | 'stopped' | 'limit';
/** `gone`: QEMU ended before the guest was off. */
export type How = Asked | Exclude<RunEnd, 'until' | 'reset' | 'limit'> | 'gone';

/** A finished boot. */
export interface BootEnd {
  readonly how: How;
  /** The same in words. */
  readonly said: string;
  /** The condition that was not met. */
  readonly complaints: readonly string[];
  /** The condition. */
  readonly expected: string;
  readonly lastLine: string;
  readonly time: Nanos;
  readonly crash: AnyCrash | null;
}

const SAID: Readonly<Record<How, string>> = {
  printed: 'The console printed what was waited for',
  script: 'The script is over',
  stopped: 'The run was stopped',
  limit: 'The limit was reached',
  off: 'The guest powered off',
  halted: 'The guest halted for good',
  crash: 'The guest crashed',
  gone: 'QEMU ended before the guest did',
};

/** Whether a boot ends now, and by which condition. */
export function askedEnd(
  { until, limit = until === undefined ? undefined : PATIENCE }: Wanted,
  { console, script, stopped, time }: Seen,
): Asked | null {
  if (stopped) return 'stopped';
  if (console.printed) return 'printed';
  if (script?.over === true) return 'script';
  return limit !== undefined && time >= limit ? 'limit' : null;
}

export function bootEnd(how: How, wanted: Wanted, seen: Seen): BootEnd {
  const { console, script, time, crash } = seen;
  const { lastLine } = console;
  const line = lastLine === '' ? 'nothing was printed' : `the last line seen is ${JSON.stringify(lastLine)}`;
  const complaints = [unprinted(wanted, console), script?.finish() ?? null]
    .filter((complaint) => complaint !== null)
    .map((complaint) => `${complaint}; ${line}`);
  return {
    how,
    said: `${SAID[how]}, after ${secondsText(time)} of its time`,
    complaints: crash === null ? complaints : [`it crashed: ${causeText(crash)}`, ...complaints],
    expected: wanted.until === undefined ? 'ends without a crash' : `prints ${JSON.stringify(wanted.until)}`,
    lastLine,
    time,
    crash,
  };
}

function unprinted({ until }: Wanted, console: Console): string | null {
  return until === undefined || console.printed ? null : `${JSON.stringify(until)} was not printed`;
}

/** On either host. */
export type AnyWhere = GuestWhere | KvmWhere;

/** Conventional memory, where a BIOS puts a boot sector, ends here; adapters' memory and ROMs follow (C0000 to FFFFF). */
const CONVENTIONAL_END = 0xa_0000;
const ROM_BEGIN = 0xc_0000;
const ROM_END = 0x10_0000;
/** The privilege level of code, in its selector: 0 is a kernel's, 3 a program's. */
const RPL = 3;

/** The code that a guest runs, by its address. */
type Place = 'the BIOS' | 'conventional memory' | 'extended memory' | 'a program' | 'a kernel';

export function placeOf(where: AnyWhere): Place {
  const { cs, mode } = where;
  if (mode === 'paged' || mode === 'PAE' || mode === 'long')
    return (cs & RPL) === 0 ? 'a kernel' : 'a program';
  const eip = 'rip' in where ? Number(`0x${where.rip}`) : where.eip;
  const address = mode === 'protected' ? eip : cs * 16 + eip;
  if (address >= ROM_BEGIN && address < ROM_END) return 'the BIOS';
  return address < CONVENTIONAL_END ? 'conventional memory' : 'extended memory';
}

/** `waits for an interrupt in a kernel, at 0060:c1234567`. */
export function doing(where: AnyWhere): string {
  const does = !where.halted
    ? 'runs'
    : where.interrupts
      ? 'waits for an interrupt'
      : 'has halted with interrupts off';
  return `${does} in ${placeOf(where)}, at ${hex(where.cs, 4)}:${offsetText(where)}`;
}

function offsetText(where: AnyWhere): string {
  if ('rip' in where) return where.rip;
  return hex(where.eip, where.mode === 'real' || where.mode === 'virtual 8086' ? 4 : 8);
}
