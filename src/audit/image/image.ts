import { quoted } from '../../media/file-errors.ts';
import type { TarMember } from '../../media/file-tar-gz.ts';
import type { Medium } from '../../media/medium.ts';
import type { Audit, AuditLine } from '../audit.ts';
import { fails } from '../verdict.ts';
import { judgeDisk } from './disk-lines.ts';
import { judgeFeatures } from './features.ts';
import type { Tree } from './files/tree.ts';
import { judgeGuest } from './guest-lines.ts';
import type { BootEntry } from './kernel-files.ts';
import { judgeKernel, noKernel } from './kernel-lines.ts';
import { type Found, fail, type ImageLine, line, noted, pass } from './line.ts';
import { View } from './view.ts';

/** An image before it is uploaded. */
interface ImageInput {
  readonly path: string;
  /** Of a tar.gz; null for a raw disk. */
  readonly members: readonly TarMember[] | null;
  /** Null if there is no disk to read: `refused` says why. */
  readonly medium: Medium | null;
  readonly refused: { readonly cause: string; readonly mend: string } | null;
  /** Guest OS features that the user means to give; null for those that fit. */
  readonly claimed: readonly string[] | null;
}

/** What was found of an image. */
export interface ImageReport {
  readonly path: string;
  /** In bytes; null if there is no disk. */
  readonly size: number | null;
  readonly lines: readonly ImageLine[];
  /** Of the kernel that boots; null if it has no configuration that is read. */
  readonly audit: Audit | null;
  /** The command that creates the image of it. */
  readonly command: string;
  readonly failed: boolean;
  /** To boot it without its boot loader. */
  readonly entry: BootEntry | null;
  readonly tree: Tree | null;
}

const GIB = 2 ** 30;
/** What machines of the third generation need: the kernel's own lines say whether it is there. */
const LATER: readonly string[] = ['CONFIG_GVE', 'CONFIG_BLK_DEV_NVME'];
const PACK = 'tar --format=oldgnu -Sczf image.tar.gz disk.raw';

/** Whether a line of the audit decides if the kernel boots; the others are advice. */
export function isDecisive({ group, name }: AuditLine): boolean {
  return (group === 'required options' || group === 'ours') && !LATER.includes(name);
}

/** Judges an image by its bytes, without booting it. What it has damaged is a line of the report, never an exception. */
export async function judgeImage(input: ImageInput): Promise<ImageReport> {
  const { path, medium } = input;
  const upload = judgeUpload(input);
  if (medium === null)
    return {
      path,
      size: null,
      lines: upload,
      audit: null,
      command: '',
      failed: true,
      entry: null,
      tree: null,
    };
  const view = new View(medium);
  const disk = judgeDisk(view);
  const { tree, root, boot, esp } = disk.systems;
  const isReadable = root !== null || boot !== null;
  const kernel = isReadable
    ? await judgeKernel(tree)
    : noKernel(esp === null ? 'no file system could be read' : 'the root file system could not be read');
  const guest = root === null ? [] : judgeGuest(tree);
  const { lines: featureLines, features, unknown } = judgeFeatures(disk, kernel, input.claimed);
  const lines = [...upload, ...disk.lines, ...kernel.lines, ...guest, ...featureLines];
  const isArm =
    kernel.audit?.config.architecture === 'arm64' || (disk.uefi.length === 1 && disk.uefi[0] === 'arm64');
  return {
    path,
    size: view.size,
    lines,
    audit: kernel.audit,
    command: commandOf(input, features, isArm) + unknownOf(unknown),
    failed: lines.some(({ outcome }) => outcome === 'fail') || isBad(kernel.audit),
    entry: kernel.entry,
    tree: isReadable ? tree : null,
  };
}

function isBad(audit: Audit | null): boolean {
  return audit?.lines.some((each) => isDecisive(each) && fails(each.verdict)) ?? false;
}

function judgeUpload({ path, members, medium, refused }: ImageInput): ImageLine[] {
  const bytes = medium === null ? null : medium.blocks * 512;
  return [
    line('upload', 'format', () => {
      if (refused !== null && !isMisnamed(members)) return fail(refused.cause, refused.mend);
      return members === null ? noted('a raw disk', packOf(path)) : pass('a tar.gz');
    }),
    ...(members === null
      ? []
      : [line('upload', 'name', () => judgeNames(members)), line('upload', 'tar', () => judgeForm(members))]),
    ...(bytes === null ? [] : [line('upload', 'size', () => judgeSize(bytes))]),
  ];
}

const RIGHT = /^(\.\/)?disk\.raw$/;

/** The line of the name says it. */
function isMisnamed(members: readonly TarMember[] | null): boolean {
  return members !== null && members.length > 0 && !members.some(({ name }) => RIGHT.test(name));
}

/** Google takes a disk of one name. */
function packOf(path: string): string {
  if (/(^|\/)disk\.raw$/.test(path))
    return `${PACK}${path === 'disk.raw' ? '' : `, in ${quoted(path.slice(0, -'/disk.raw'.length) || '/')}`}`;
  return `tar --format=oldgnu -Sczf image.tar.gz --transform 's,.*,disk.raw,' ${quoted(path)}`;
}

function judgeNames(members: readonly TarMember[]): Found {
  const names = members.map(({ name }) => name);
  const mend = `pack it alone, under this name: ${PACK}`;
  if (names.length === 1 && names[0] === 'disk.raw') return pass('disk.raw alone');
  if (names.length === 1 && names[0] === './disk.raw') return noted('./disk.raw, and not disk.raw', mend);
  if (names.length === 0) return fail('the archive is empty', mend);
  const isThere = names.some((name) => RIGHT.test(name));
  const shown = names.slice(0, 3).join(', ');
  return fail(
    isThere ? `beside disk.raw there are others: ${shown}` : `it has ${shown}, and no disk.raw`,
    mend,
  );
}

function judgeForm(members: readonly TarMember[]): Found {
  return members.every(({ form }) => form === 'GNU')
    ? pass('in the form of GNU tar')
    : fail('not in the form of GNU tar, but of POSIX', PACK);
}

function judgeSize(bytes: number): Found {
  const gib = Math.ceil(bytes / GIB);
  if (bytes % GIB === 0) return pass(`${gib} GiB`);
  return fail(
    `${bytes} bytes are no whole number of GiB`,
    `truncate -s ${gib}G disk.raw, then sfdisk --relocate gpt-bak-std disk.raw if it has a GPT`,
  );
}

/** As a comment of the shell. */
function unknownOf(features: readonly string[]): string {
  return features.length === 0 ? '' : ` # not judged, and not asked for: ${features.join(',')}`;
}

function commandOf({ path, members }: ImageInput, features: readonly string[], isArm: boolean): string {
  const file = members === null ? 'image.tar.gz' : path.slice(path.lastIndexOf('/') + 1);
  return [
    `gcloud compute images create NAME --source-uri=gs://BUCKET/${quoted(file)}`,
    ...(isArm ? ['--architecture=ARM64'] : []),
    ...(features.length === 0 ? [] : [`--guest-os-features=${features.join(',')}`]),
  ].join(' ');
}
