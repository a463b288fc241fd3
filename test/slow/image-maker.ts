import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configOf, cpioOf } from '../../src/audit/rig.ts';
import { guestrig } from '../../src/cli/rig.ts';

/** What goes into an image; each is what it would be in a good one. */
export interface Made {
  /** Files of the root, beside or in place of those of a good one; null leaves one out, an arrow makes a link. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  readonly label?: 'gpt' | 'dos';
  readonly esp?: boolean;
  readonly grub?: boolean;
  readonly size?: string;
  readonly fileSystem?: 'ext4' | 'ext3' | 'ext2';
}

const VERSION = '6.12.1';
const MIB = 2 ** 20;
const ESP = { at: 2 * MIB, size: 64 * MIB } as const;
const ROOT = ESP.at + ESP.size;
const MODULES = ['virtio_scsi', 'virtio_net', 'nvme', 'gve'];
const SHELL = '/usr/share/efi-shell-x64/shellx64.efi';

export const initramfsOf = (...modules: readonly string[]) =>
  cpioOf(...modules.map((name) => ({ name: `usr/lib/modules/${VERSION}/${name}.ko` })));

/** A system as Debian's packages lay it, with files that are small. */
const GOOD: Readonly<Record<string, string | Buffer>> = {
  '/bin': '->usr/bin',
  '/lib': '->usr/lib',
  '/sbin': '->usr/sbin',
  [`/boot/vmlinuz-${VERSION}`]: 'a kernel',
  [`/boot/config-${VERSION}`]: configOf({ VIRTIO_NET: 'm', SCSI_VIRTIO: 'm', BLK_DEV_NVME: 'm', GVE: 'm' }),
  [`/boot/initrd.img-${VERSION}`]: initramfsOf(...MODULES),
  '/boot/grub/grub.cfg': `menuentry 'Debian' {
  linux /boot/vmlinuz-${VERSION} root=UUID=0f5e ro console=tty0 console=ttyS0,115200
  initrd /boot/initrd.img-${VERSION}
}
`,
  [`/usr/lib/modules/${VERSION}/modules.dep`]: MODULES.map((name) => `kernel/drivers/${name}.ko.xz:\n`).join(
    '',
  ),
  [`/usr/lib/modules/${VERSION}/modules.builtin`]: 'kernel/drivers/virtio/virtio_pci.ko\n',
  '/etc/fstab': 'UUID=0f5e / ext4 rw 0 1\n',
  '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nauto ens4\niface ens4 inet dhcp\n',
  '/etc/chrony/chrony.conf': 'server metadata.google.internal iburst\n',
  '/etc/machine-id': '',
  '/etc/ssh/sshd_config': '',
  '/usr/bin/google_guest_agent': 'an agent',
  '/usr/lib/udev/rules.d/65-gce-disk-naming.rules': 'IMPORT{program}="google_nvme_id -d $tempnode"\n',
  '/usr/lib/udev/google_nvme_id': '#!/bin/sh\n',
};

/** Makes images by sfdisk, mke2fs, mtools, GRUB and tar. */
export class ImageMaker {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A raw disk, `disk.raw` in a folder of its own. */
  raw({
    files = {},
    label = 'gpt',
    esp = true,
    grub = true,
    size = '1G',
    fileSystem = 'ext4',
  }: Made = {}): string {
    const folder = mkdtempSync(join(this.folder, 'image-'));
    const disk = join(folder, 'disk.raw');
    run(folder, 'truncate', '--size', size, disk);
    const table = [
      ...(label === 'gpt' ? ['start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649'] : []),
      ...(esp ? [`start=4096, size=${ESP.size / 512}, type=${label === 'gpt' ? 'U' : 'ef'}`] : []),
      `start=${ROOT / 512}, type=${label === 'gpt' ? 'L' : '83, bootable'}`,
    ];
    execFileSync('sfdisk', ['--quiet', '--label', label, disk], { input: table.join('\n') });
    this.root(folder, disk, fileSystem, { ...GOOD, ...files });
    if (esp) fillEsp(disk);
    if (grub) installGrub(folder, disk);
    return disk;
  }

  /** A tar.gz of a disk under a name. */
  packed(disk: string, name = 'disk.raw', form = 'oldgnu'): string {
    const folder = dirname(disk);
    const archive = join(folder, `${name}.${form}.tar.gz`);
    run(
      folder,
      'tar',
      `--format=${form}`,
      form === 'ustar' ? '-czf' : '-Sczf',
      archive,
      `--transform=s,.*,${name},`,
      'disk.raw',
    );
    return archive;
  }

  private root(
    folder: string,
    disk: string,
    kind: string,
    files: Readonly<Record<string, string | Buffer | null>>,
  ): void {
    const root = join(folder, 'root');
    for (const [path, content] of Object.entries(files)) {
      if (content === null) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      if (typeof content === 'string' && content.startsWith('->')) {
        mkdirSync(join(root, content.slice(2)), { recursive: true });
        symlinkSync(content.slice(2), join(root, path));
      } else writeFileSync(join(root, path), content);
    }
    const bytes = Number(execFileSync('stat', ['-c', '%s', disk]));
    const blocks = `${Math.floor((bytes - ROOT - MIB) / 1024)}k`;
    run(folder, 'mke2fs', '-q', '-F', '-t', kind, '-d', root, '-E', `offset=${ROOT}`, disk, blocks);
  }
}

function fillEsp(disk: string): void {
  const at = `${disk}@@${ESP.at}`;
  run('/', 'mformat', '-i', at, '-F', '-T', `${ESP.size / 512}`, '-h', '16', '-s', '32', '::');
  run('/', 'mmd', '-i', at, '::/EFI', '::/EFI/BOOT');
  run('/', 'mcopy', '-i', at, SHELL, '::/EFI/BOOT/BOOTX64.EFI');
}

function installGrub(folder: string, disk: string): void {
  const core = join(folder, 'core.img');
  run(
    folder,
    'grub-mkimage',
    '--format',
    'i386-pc',
    '--output',
    core,
    '--prefix',
    '(hd0)/boot/grub',
    'biosdisk',
    'ext2',
  );
  // Its first sector says where the next is, in the boot sector; both begin at sector 1, or at that of the BIOS boot partition.
  const isGpt = execFileSync('sfdisk', ['--json', disk], { encoding: 'utf8' }).includes('"gpt"');
  const boot = readFileSync('/usr/lib/grub/i386-pc/boot.img').subarray(0, 440);
  boot.writeBigUInt64LE(isGpt ? 2048n : 1n, 0x5c);
  writeFileSync(join(folder, 'boot.img'), boot);
  run(folder, 'dd', 'if=boot.img', `of=${disk}`, 'conv=notrunc', 'status=none');
  run(
    folder,
    'dd',
    `if=${core}`,
    `of=${disk}`,
    'bs=512',
    `seek=${isGpt ? 2048 : 1}`,
    'conv=notrunc',
    'status=none',
  );
}

function run(cwd: string, program: string, ...argv: readonly string[]): void {
  execFileSync(program, argv, { cwd, stdio: 'pipe' });
}

interface Verdict {
  readonly name: string;
  readonly verdict: string;
  readonly cause: string;
  readonly mend: string;
}

/** What `guestrig image` says of it. */
export async function judged(file: string, ...argv: readonly string[]) {
  const { status, out, err } = await guestrig('image', file, '--reporter', 'json', ...argv);
  const { lines, command, failed } = JSON.parse(out) as {
    lines: Verdict[];
    command: string;
    failed: boolean;
  };
  const of = (verdict: string) =>
    Object.fromEntries(
      lines.filter((one) => one.verdict === verdict).map(({ name, cause }) => [name, cause]),
    );
  return {
    status,
    err,
    command,
    failed,
    fails: of('fail'),
    notes: of('noted'),
    passes: of('pass'),
    unjudged: of('unreached'),
    lines,
  };
}
