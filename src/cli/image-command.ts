import type { Command } from 'commander';
import { type ImageReport, judgeImage } from '../audit/image/image.ts';
import { imageJson, imageMarkdown, imageReport, renderImage } from '../audit/image/report.ts';
import { MisuseError } from '../core/misuse.ts';
import { FileMedium } from '../media/file.ts';
import { withFile } from '../media/file-errors.ts';
import { kindOf } from '../media/file-kind.ts';
import { openTarGz, type TarMember } from '../media/file-tar-gz.ts';
import type { Medium } from '../media/medium.ts';
import type { AuditReporter } from './audit.ts';
import type { Io } from './io.ts';
import { auditReporter, single } from './option-values.ts';
import { inForm } from './reporter.ts';
import { Progress } from './shown-medium.ts';

interface ImageArguments {
  readonly guestOsFeatures?: readonly string[];
  readonly reporter?: AuditReporter;
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
    .addOption(
      single(
        '--reporter <name>',
        'text, json, junit, github, sarif, html or markdown (default: text)',
        auditReporter,
      ),
    )
    .addHelpText('after', '\nExample: guestrig image image.tar.gz --guest-os-features UEFI_COMPATIBLE,GVNIC')
    .action(async (file, args) => done(await image(file, args, io)));
}

const FEATURE = /^[A-Z][A-Z\d_]*$/;

function featureList(name: string, value: string): readonly string[] {
  const features = value.split(',');
  if (!features.every((one) => FEATURE.test(one)))
    throw new MisuseError(name, value, 'names with commas between (example UEFI_COMPATIBLE,GVNIC)');
  return features;
}

/** @returns whether nothing fails. */
async function image(file: string, args: ImageArguments, io: Io): Promise<boolean> {
  const { guestOsFeatures: claimed = null, reporter = 'text' } = args;
  const opened = await open(file, io);
  try {
    const report = await judgeImage({ path: file, claimed, ...opened });
    io.out(textOf(report, reporter, io));
    return !report.failed;
  } finally {
    opened.medium?.close();
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
    const refused = { cause: error.message, mend: `truncate -s %1G ${file}` };
    return { medium: null, members: null, refused };
  }
}

const PACK_AGAIN = 'tar --format=oldgnu -Sczf image.tar.gz disk.raw';

async function openArchive(file: string, { progress: show }: Io): Promise<Opened> {
  const members: TarMember[] = [];
  const progress = show === undefined ? null : new Progress(show);
  try {
    const medium = await openTarGz(file, {
      most: MOST_IN_MEMORY,
      onMember: (member) => members.push(member),
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
