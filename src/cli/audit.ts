import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Architecture,
  type Audit,
  type AuditedMachine,
  type AuditInput,
  auditJson,
  auditMarkdown,
  audit as auditOf,
  fixOf,
  renderAudit,
  SYSCTL_DIRECTORIES,
  type SysctlFile,
} from '../audit/index.ts';
import { auditReport } from '../audit/report/report.ts';
import { DISK_NAMES } from '../audit/rules/hardware.ts';
import type { Profile, ProfileName } from '../machine/profile.ts';
import { PROFILES } from '../machine/profiles.ts';
import { reaching, wrongFile } from '../media/file-errors.ts';
import { inUtf8, MIB, MOST, MOST_SETTINGS_FILES, readInput, readText } from './input.ts';
import type { Io } from './io.ts';
import { inForm, REPORTERS } from './reporter.ts';

export const AUDIT_REPORTERS = [...REPORTERS, 'markdown'] as const;
export type AuditReporter = (typeof AUDIT_REPORTERS)[number];

interface AuditArguments {
  readonly config: string;
  readonly sysctl?: readonly string[];
  readonly initrd?: string;
  readonly arch?: Architecture;
  readonly profile?: ProfileName;
  readonly reporter?: AuditReporter;
  readonly fix?: true;
}

/** `guestrig audit`. @returns whether every line holds. */
export async function audit(args: AuditArguments, io: Io): Promise<boolean> {
  const { config, sysctl, initrd, arch, profile } = args;
  const result = await auditOf({
    config: { path: config, bytes: inUtf8(readInput('config', config)) },
    ...(sysctl === undefined ? {} : { sysctl: sysctl.flatMap(sysctlFiles) }),
    ...(initrd === undefined ? {} : { initramfs: { path: initrd, bytes: readInput('initramfs', initrd) } }),
    ...(arch === undefined ? {} : { architecture: arch }),
    ...(profile === undefined ? {} : { machine: auditedMachine(PROFILES[profile]) }),
    ...filesIn(sysctl ?? []),
  });
  io.out(args.fix ? fixText(result) : report(result, args.reporter ?? 'text', io));
  return !result.failed;
}

function auditedMachine({ name, disks, nic, express }: Profile): AuditedMachine {
  return { name, parts: [disks, nic.type, ...(express === null ? (['pc'] as const) : [])] };
}

/** What udev has for names of disks, if one of the paths is the root of an image. */
function filesIn(paths: readonly string[]): Pick<AuditInput, 'files'> {
  const roots = paths
    .filter(isDirectory)
    .filter((path) => PLACES.some((place) => isDirectory(join(path, place))));
  if (roots.length === 0) return {};
  const all = roots.flatMap((root) =>
    PLACES.flatMap((place) => DISK_NAMES.map((name) => join(root, place, name))),
  );
  return { files: all.filter((path) => statOf(path) !== undefined) };
}

function report(result: Audit, reporter: AuditReporter, io: Io): string {
  if (reporter === 'markdown') return auditMarkdown(result);
  const forms = {
    report: () => auditReport(result),
    text: () => renderAudit(result, io),
    json: () => auditJson(result),
  };
  return inForm(reporter, forms, io);
}

function fixText(result: Audit): string {
  const { config, sysctl } = fixOf(result);
  return [config, sysctl].filter((text) => text !== '').join('\n');
}

/** Where an image may have udev. */
const PLACES = ['etc', 'lib', 'usr/lib'];
const LAST = 'etc/sysctl.conf';
/** In a directory of settings, a link to it replaces a file of the same name. */
const NOTHING = '/dev/null';

/**
 * The settings of one `--sysctl`: a file, a directory of `*.conf`, or the root of an image with all that `sysctl
 * --system` reads there.
 *
 * @throws MisuseError in one line for files that cannot be read, and for an unreasonable number of settings.
 */
export function sysctlFiles(path: string): SysctlFile[] {
  if (!isDirectory(path)) return [fileAt(path)];
  const inner = SYSCTL_DIRECTORIES.map((name) => join(path, name)).filter(isDirectory);
  const last = [join(path, LAST)].filter((name) => statOf(name) !== undefined);
  const directories = inner.length + last.length > 0 ? inner : [path];
  return bounded(path, [...directories.flatMap(confOf), ...last.map((file) => ({ path: file }))]);
}

type Place = Pick<SysctlFile, 'path' | 'directory'>;

/** Reads the files, as long as there is room. */
function bounded(root: string, places: readonly Place[]): SysctlFile[] {
  if (places.length > MOST_SETTINGS_FILES)
    throw wrongFile('sysctl', root, `holds more than ${MOST_SETTINGS_FILES} files`);
  let left = MOST.sysctl;
  return places.map((place) => {
    const file = { ...place, ...fileAt(place.path) };
    left -= file.text.length;
    if (left < 0) throw wrongFile('sysctl', root, `holds more than ${MOST.sysctl / MIB} MiB of settings`);
    return file;
  });
}

function confOf(directory: string): Place[] {
  return reaching('sysctl', directory, () => readdirSync(directory))
    .filter((name) => name.endsWith('.conf'))
    .map((name) => ({ path: join(directory, name), directory }));
}

function fileAt(path: string): SysctlFile {
  return { path, text: isNothing(path) ? '' : readText('sysctl', path) };
}

function isNothing(path: string): boolean {
  const stat = statOf(path);
  return stat?.isCharacterDevice() === true && stat.rdev === statOf(NOTHING)?.rdev;
}

function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

/** Undefined if there is none. */
function statOf(path: string): Stats | undefined {
  return reaching('sysctl', path, () => statSync(path, { throwIfNoEntry: false }));
}
