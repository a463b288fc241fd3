import { extname } from 'node:path';
import { Option } from 'commander';
import { ARCHITECTURES, type Architecture } from '../audit/index.ts';
import type { Nanos } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';
import { SERVED_KINDS, type ServedKind } from '../hosts/vfio-user/index.ts';
import type { ProfileName } from '../machine/profile.ts';
import { PROFILE_NAMES } from '../machine/profiles.ts';
import { AUDIT_REPORTERS, type AuditReporter } from './audit.ts';
import { isNetwork, type NetworkName } from './boot-network.ts';
import type { Forward } from './forward.ts';
import { STDIN } from './input.ts';
import { TRACE_ENDS } from './records.ts';
import { REPORTERS, type Reporter } from './reporter.ts';
import { TIME_EXAMPLES, timeOf } from './time-text.ts';

const SEED_MAX = 0xffff_ffff;
const QUESTIONS_MAX = 10_000_000;
const CPUS_MAX = 64;
const KIB = 1024;
/** Units of sizes, as in QEMU: powers of 1024. */
const SIZES: Readonly<Record<string, number>> = { '': 1, K: KIB, M: KIB ** 2, G: KIB ** 3 };

/** Parses the value of option `name`, or throws a MisuseError. */
type Check<T> = (name: string, value: string) => T;

/** An option that may occur once. */
export function single<T>(flags: string, description: string, check: Check<T>): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: T | undefined) => {
    if (previous !== undefined) throw new MisuseError(option.long!, value, '', 'may be given once');
    return check(option.long!, value);
  });
}

/** An option that may be repeated; its values in order. */
export function repeatable<T>(flags: string, description: string, check: Check<T>): Option {
  const option = new Option(flags, description);
  return option.argParser((value: string, previous: readonly T[] = []) => [
    ...previous,
    check(option.long!, value),
  ]);
}

/** A value that begins with a dash is more likely the next option: the value was forgotten. */
export function path(name: string, value: string): string {
  if (value === '' || value.startsWith('-'))
    throw new MisuseError(name, value, 'a path (./-x for a file named -x)');
  return value;
}

/** A path whose extension selects the form of a trace. */
export function tracePath(name: string, value: string): string {
  const ends = `${TRACE_ENDS.slice(0, -1).join(', ')} or ${TRACE_ENDS.at(-1)}`;
  if (!TRACE_ENDS.includes(extname(path(name, value))))
    throw new MisuseError(name, value, `a path that ends in ${ends}`);
  return value;
}

/** Bytes: `256M`, `1G`, `131072`, `64MiB`. */
export function size(name: string, value: string): number {
  const [, digits = '', unit = ''] = /^(\d+)([kmg]?)(?:i?b)?$/i.exec(value) ?? [];
  const bytes = digits === '' ? Number.NaN : Number(digits) * SIZES[unit.toUpperCase()]!;
  if (!Number.isSafeInteger(bytes)) throw new MisuseError(name, value, 'a size (example 256M)');
  return bytes;
}

export function time(name: string, value: string): Nanos {
  const nanos = timeOf(value);
  if (nanos === null || nanos === 0) throw new MisuseError(name, value, `a time above 0 (${TIME_EXAMPLES})`);
  return nanos;
}

export function someText(name: string, value: string): string {
  if (value === '') throw new MisuseError(name, value, 'printable text');
  return value;
}

/** `HOST:GUEST`, two ports. */
export function forward(name: string, value: string): Forward {
  const [, host, guest] = /^(\d{1,5}):(\d{1,5})$/.exec(value) ?? [];
  const isPort = (port: number) => port >= 1 && port <= 0xffff;
  if (!isPort(Number(host)) || !isPort(Number(guest)))
    throw new MisuseError(name, value, 'HOST:GUEST, two ports (example 2222:22)');
  return { host: Number(host), guest: Number(guest) };
}

export function network(name: string, value: string): NetworkName {
  if (!isNetwork(value)) throw new MisuseError(name, value, 'gce, or hub: with a name (example hub:lan)');
  return value;
}

/** A file to read: `-` is standard input. */
export function input(name: string, value: string): string {
  return value === STDIN ? value : path(name, value);
}

export function anyText(_name: string, value: string): string {
  return value;
}

/** The two machines that had names first, which are those that can be compared with QEMU. */
const COMPARED = ['gce-n1', 'qemu-pc'] as const;

export function profile(name: string, value: string): (typeof COMPARED)[number] {
  const found = COMPARED.find((one) => one === value);
  if (found === undefined) throw new MisuseError(name, value, COMPARED.join(' or '));
  return found;
}

const SERIES = 'gce-';
const MACHINE_NAMES = PROFILE_NAMES.map((name) => name.replace(SERIES, ''));
export const MACHINE_ABOUT = `${MACHINE_NAMES.slice(0, -1).join(', ')} or ${MACHINE_NAMES.at(-1)}`;

/** A series of Compute Engine, or another machine's name. */
export function machineName(name: string, value: string): ProfileName {
  const found = PROFILE_NAMES.find((one) => one === value || one === `${SERIES}${value}`);
  if (found === undefined) throw new MisuseError(name, value, `one of ${MACHINE_NAMES.join(', ')}`);
  return found;
}

/** `--machine`, which sets the same as `--profile`. */
export function machineOption(about = `${MACHINE_ABOUT} (default: n1)`): Option {
  const machine = single('--machine <name>', about, machineName);
  machine.attributeName = () => 'profile';
  return machine;
}

/** Both, for a command that makes a machine. */
export function machineOptions(): Option[] {
  return [machineOption(), single('--profile <name>', 'gce-n1 or qemu-pc', profile).hideHelp()];
}

export function seed(name: string, value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= SEED_MAX)) throw new MisuseError(name, value, `a whole number from 0 to ${SEED_MAX}`);
  return number;
}

/** The number of random questions, in addition to the fixed ones. */
export function questions(name: string, value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number <= QUESTIONS_MAX))
    throw new MisuseError(name, value, `a whole number from 0 to ${QUESTIONS_MAX}`);
  return number;
}

/** As many as a machine can have. */
export function cpus(name: string, value: string): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(number >= 1 && number <= CPUS_MAX))
    throw new MisuseError(name, value, `a whole number from 1 to ${CPUS_MAX}`);
  return number;
}

export function architecture(name: string, value: string): Architecture {
  return oneOf(ARCHITECTURES, name, value);
}

export const AUDIT_REPORTER_ABOUT = 'text, json, junit, github, sarif, html or markdown (default: text)';

export function auditReporter(name: string, value: string): AuditReporter {
  return oneOf(AUDIT_REPORTERS, name, value);
}

/** The host of a guest. */
export function bootHost(name: string, value: string): string {
  if (!/^(v86|kvm|kvm:slow|qemu|qemu:.+)$/.test(value))
    throw new MisuseError(name, value, 'v86, kvm, kvm:slow, qemu or qemu:FILE');
  return value;
}

export function servedKind(name: string, value: string): ServedKind {
  return oneOf(SERVED_KINDS, name, value);
}

export function reporter(name: string, value: string): Reporter {
  return oneOf(REPORTERS, name, value);
}

export function oneOf<T extends string>(all: readonly T[], name: string, value: string): T {
  const found = all.find((one) => one === value);
  if (found === undefined) throw new MisuseError(name, value, `one of ${all.join(', ')}`, all);
  return found;
}
