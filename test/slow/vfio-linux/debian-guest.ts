import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Debian } from '../debian-packages.ts';
import { newerQemu } from '../newer-qemu.ts';

const HERE = new URL('.', import.meta.url).pathname;
/** Modules of Debian's cloud kernel, in the order of their dependencies. */
const MODULES = [
  'net/core/failover',
  'drivers/net/net_failover',
  'drivers/net/virtio_net',
  'drivers/scsi/scsi_common',
  'drivers/scsi/scsi_mod',
  'drivers/scsi/virtio_scsi',
  'drivers/scsi/sd_mod',
  'drivers/char/hw_random/virtio-rng',
];

/** Files of a guest and of its QEMU. */
export interface DebianGuest {
  readonly kernel: string;
  readonly initrd: string;
  /** A program that is QEMU. */
  readonly qemu: string;
}

/** What a guest consists of. */
interface Contents {
  /** Modules of the kernel, in the order of their dependencies. */
  readonly modules: readonly string[];
  /** The first process, a script beside this file. */
  readonly init: string;
  /** Packages with programs that it calls, and with their libraries. */
  readonly packages: readonly string[];
}

const USUAL: Contents = { modules: MODULES, init: 'init', packages: [] };

/** The machine's release has the kernel, unmodified; QEMU, which is to be newer, comes from the next. */
export function debianGuest(folder: string, contents: Contents = USUAL): DebianGuest {
  const release = new Debian(folder);
  const image = release.unpack(release.dependency('linux-image-cloud-amd64'));
  const boot = join(image, 'boot');
  const kernel = join(boot, readdirSync(boot).find((name) => name.startsWith('vmlinuz-'))!);
  const modules = join(image, 'usr/lib/modules', kernel.slice(kernel.indexOf('vmlinuz-') + 8), 'kernel');
  const busybox = join(release.unpack('busybox-static'), 'usr/bin/busybox');
  const packages = contents.packages.map((name) => release.unpack(name));
  const initrd = initrdOf(folder, modules, busybox, { ...contents, packages });
  return { kernel, initrd, qemu: newerQemu() };
}

/** @param packages folders with unpacked packages. */
function initrdOf(
  folder: string,
  modules: string,
  busybox: string,
  { modules: names, init, packages }: Contents,
): string {
  const root = join(folder, 'initrd');
  for (const name of ['bin', 'dev', 'mnt', 'modules', 'proc', 'sys', 'tmp'])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync(busybox, join(root, 'bin/busybox'));
  copyFileSync(join(HERE, init), join(root, 'init'));
  copyFileSync(join(HERE, 'lease'), join(root, 'lease'));
  for (const from of packages) execFileSync('cp', ['-a', `${from}/usr`, root]);
  for (const name of names)
    writeFileSync(
      join(root, 'modules', fileOf(name)),
      execFileSync('xz', ['-dc', join(modules, `${name}.ko.xz`)]),
    );
  writeFileSync(join(root, 'modules/order'), names.map((name) => `${fileOf(name)}\n`).join(''));
  const archive = 'find . | cpio -o -H newc --quiet';
  writeFileSync(`${root}.cpio`, execFileSync('sh', ['-c', archive], { cwd: root, maxBuffer: 1 << 26 }));
  return `${root}.cpio`;
}

function fileOf(module: string): string {
  return `${module.slice(module.lastIndexOf('/') + 1)}.ko`;
}

/** A disk with ext4 that holds `bytes` in the file `from-host`. */
export function diskWith(folder: string, bytes: Uint8Array): string {
  const [content, disk] = [join(folder, 'content'), join(folder, 'disk.img')];
  mkdirSync(content, { recursive: true });
  writeFileSync(join(content, 'from-host'), bytes);
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', content, disk, '160M'], { stdio: 'pipe' });
  return disk;
}

/** Programs of this machine that a guest can start there by `chroot`. */
const PROGRAMS = [
  'bash',
  'sed',
  'grep',
  'tar',
  'gzip',
  'find',
  'ls',
  'sort',
  'od',
  'stat',
  'date',
  'cp',
  'sha256sum',
];

/** A disk with ext4 that holds them, and the libraries that they need. */
export function diskOfPrograms(folder: string): string {
  const [root, disk] = [join(folder, 'programs'), join(folder, 'programs.img')];
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const name of PROGRAMS) {
    const program = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    copyFileSync(program, join(root, 'bin', name));
    for (const [, library] of execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(/g)) {
      mkdirSync(join(root, dirname(library!)), { recursive: true });
      copyFileSync(library!, join(root, library!));
    }
  }
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', root, disk, '96M'], { stdio: 'pipe' });
  return disk;
}

/** The files that the guest left on it. */
export function fromGuest(folder: string, disk: string): Uint8Array {
  const out = join(folder, 'from-guest');
  execFileSync('debugfs', ['-R', `dump from-guest ${out}`, disk], { stdio: 'pipe' });
  return readFileSync(out);
}
