import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { GUEST_OS_FEATURES } from '../audit/image/features.ts';
import { type ImageReport, judgeImage } from '../audit/image/image.ts';
import { initramfsOf } from '../audit/image/kernel-files.ts';
import { imageJson, imageMarkdown, imageReport, renderImage } from '../audit/image/report.ts';
import { Unreadable } from '../audit/image/view.ts';
import { MisuseError } from '../core/misuse.ts';
import { FileMedium } from '../media/file.ts';
import { quoted, withFile } from '../media/file-errors.ts';
import { kindOf } from '../media/file-kind.ts';
import { openTarGz, type TarMember } from '../media/file-tar-gz.ts';
import type { Medium } from '../media/medium.ts';
import type { AuditReporter } from './audit.ts';
import { type BootArguments, boot } from './boot-command.ts';
import type { GuestArguments } from './boot-guest.ts';
import type { Io } from './io.ts';
import {
  AUDIT_REPORTER_ABOUT,
  auditReporter,
  bootHost,
  input,
  machineOption,
  single,
  size,
  someText,
  time,
} from './option-values.ts';
import { inForm } from './reporter.ts';
import { Progress } from './shown-medium.ts';

interface ImageArguments
  extends Pick<BootArguments, 'on' | 'firmware' | 'memory' | 'until' | 'limit' | 'profile'> {
  readonly guestOsFeatures?: readonly string[];
  readonly reporter?: AuditReporter;
  readonly boot?: true;
}

/** Declares `guestrig image`. */
export function imageCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  program
    .command('image')
    .argument('<file>', 'a tar.gz with disk.raw, or a raw disk; only read')
    .description('say whether an image boots on Compute Engine, and is reached there, before it is uploaded')
    .addOption(
      single(
        '--guest-os-features <list>',
        'those that you mean to give, as UEFI_COMPATIBLE,GVNIC: each must have its ground',
        featureList,
      ),
    )
    .addOption(single('--reporter <name>', AUDIT_REPORTER_ABOUT, auditReporter))
    .addOption(
      new Option(
        '--boot',
        'then boot it, by its boot loader if there is firmware, else by its kernel',
      ).conflicts('reporter'),
    )
    .addOption(
      single('--on <host>', 'as of boot (default: v86 for a kernel of 32 bits, else qemu)', bootHost),
    )
    .addOption(machineOption())
    .addOption(single('--firmware <file>', 'a BIOS, or a UEFI for QEMU', input))
    .addOption(single('--memory <size>', 'RAM, such as 64M or 1G (default: 256M)', size))
    .addOption(single('--until <text>', 'what the console prints once it is up (default: login:)', someText))
    .addOption(single('--limit <time>', "end after so much of the guest's time (default: 10min)", time))
    .addHelpText('after', '\nExample: guestrig image image.tar.gz --guest-os-features UEFI_COMPATIBLE,GVNIC')
    .action(async (file, args) => done(await image(file, args, io)));
}

function featureList(name: string, value: string): readonly string[] {
  const features = value.split(',');
  const unknown = features.find((one) => !GUEST_OS_FEATURES.includes(one));
  if (unknown === undefined) return features;
  const known = `names with commas between, each of ${GUEST_OS_FEATURES.join(', ')}`;
  throw new MisuseError(name, unknown, known, GUEST_OS_FEATURES);
}

/** @returns whether nothing fails. */
async function image(file: string, args: ImageArguments, io: Io): Promise<boolean> {
  const { guestOsFeatures: claimed = null, reporter = 'text' } = args;
  const opened = await open(file, io);
  try {
    const report = await judgeImage({ path: file, claimed, ...opened });
    io.out(textOf(report, reporter, io));
    if (args.boot === undefined) return !report.failed;
    return (await booted(file, report, opened, args, io)) && !report.failed;
  } finally {
    opened.medium?.close();
  }
}

const FILE_MOST = 512 << 20;

/** Boots a raw disk on a machine as it is, by firmware, or by the kernel that its boot loader would take. */
async function booted(
  file: string,
  report: ImageReport,
  { members, medium }: Opened,
  args: ImageArguments,
  io: Io,
) {
  if (members !== null || medium === null)
    throw new MisuseError('--boot', file, '', withFile('boots a raw disk. Do: tar -xzf FILE disk.raw', file));
  const { guestOsFeatures: _, reporter: __, boot: ___, ...given } = args;
  const on = given.on ?? (report.audit?.config.architecture === 'i386' ? 'v86' : 'qemu');
  const common: BootArguments = { until: 'login:', ...given, on, disk: [file], more: [] };
  if (given.firmware !== undefined) return boot(common, io);
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  try {
    return await boot({ ...common, ...loaded(file, report, folder) }, io);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files that its boot loader would load, in a folder, and the command line. */
function loaded(file: string, { entry, tree }: ImageReport, folder: string): GuestArguments {
  try {
    const kernel = entry === null ? null : (tree?.bytes(entry.kernel, FILE_MOST) ?? null);
    if (entry === null || kernel === null)
      throw new MisuseError('--boot', file, '', 'needs --firmware: the image shows no kernel');
    const initramfs = initramfsOf(tree!, entry);
    const paths = { kernel: join(folder, 'kernel'), initrd: join(folder, 'initrd') };
    writeFileSync(paths.kernel, kernel);
    if (initramfs !== null) writeFileSync(paths.initrd, initramfs.bytes);
    return {
      kernel: paths.kernel,
      ...(initramfs === null ? {} : { initrd: paths.initrd }),
      ...(entry.commandLine === null ? {} : { append: entry.commandLine }),
    };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new MisuseError('--boot', file, '', `cannot load what it boots: ${error.message}`);
  }
}

function textOf(report: ImageReport, reporter: AuditReporter, io: Io): string {
  if (reporter === 'markdown') return imageMarkdown(report);
  const forms = {
    report: () => imageReport(report),
    text: () => renderImage(report, io),
    json: () => imageJson(report),
  };
  return inForm(reporter, forms, io);
}

interface Opened {
  readonly medium: Medium | null;
  readonly members: readonly TarMember[] | null;
  readonly refused: { readonly cause: string; readonly mend: string } | null;
}

const TAR_GZ = /^a tar\.gz\b/;
/** A disk of an archive is in memory, without its zeros. */
const MOST_IN_MEMORY = 4 * 2 ** 30;

/** What there is to judge: a disk that cannot be read is a finding, a file that is not there a mistake. */
async function open(file: string, io: Io): Promise<Opened> {
  const kind = kindOf(file);
  if (kind === null) return openRaw(file);
  if (TAR_GZ.test(kind.name)) return await openArchive(file, io);
  const mend = withFile(kind.command, file);
  return { medium: null, members: null, refused: { cause: `it is ${kind.name}, and not raw`, mend } };
}

function openRaw(file: string): Opened {
  try {
    return { medium: FileMedium.open(file, { readOnly: true }), members: null, refused: null };
  } catch (error) {
    if (!(error instanceof MisuseError) || !/not a multiple/.test(error.message)) throw error;
    const refused = { cause: error.message, mend: `truncate -s %1G ${quoted(file)}` };
    return { medium: null, members: null, refused };
  }
}

/** More than one is wrong already. */
const MEMBERS_MOST = 100;
const PACK_AGAIN = 'tar --format=oldgnu -Sczf image.tar.gz disk.raw';

async function openArchive(file: string, { progress: show }: Io): Promise<Opened> {
  const members: TarMember[] = [];
  const progress = show === undefined ? null : new Progress(show);
  try {
    const medium = await openTarGz(file, {
      most: MOST_IN_MEMORY,
      onMember: (member) => {
        if (members.length < MEMBERS_MOST) members.push(member);
      },
      ...(progress === null ? {} : { onProgress: (read, all) => progress.tell(file, read, all) }),
    });
    return { medium, members, refused: null };
  } catch (error) {
    if (!(error instanceof MisuseError)) throw error;
    return { medium: null, members, refused: { cause: error.message, mend: PACK_AGAIN } };
  } finally {
    show?.('');
  }
}
