import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Audit, audit, verdictText } from '../../src/audit/index.ts';
import { inOrder } from '../../src/audit/sysctl.ts';
import { Debian } from './debian-packages.ts';
import { workFolder } from './work-folder.ts';

const work = workFolder();
const YES = 'satisfied';
const PRESENT = 'module, present in initramfs';

/** The kernel's files as if installed, for the programs that expect them there; the machine itself stays as it is. */
function within(root: string, script: string): void {
  const mounts = [
    `mount --bind ${root}/boot /boot`,
    `mount -t overlay -o lowerdir=${root}/usr/lib:/usr/lib none /usr/lib`,
  ];
  execFileSync('unshare', ['-m', 'sh', '-ec', [...mounts, script].join('\n')], { stdio: 'pipe' });
}

describe.each(['linux-image-cloud-amd64', 'linux-image-amd64'])('%s of Debian 13', (name) => {
  const folder = join(work, name);
  const initrd = join(folder, 'initrd');
  let root = '';
  let version = '';
  let result: Audit;

  beforeAll(async () => {
    mkdirSync(folder);
    const debian = new Debian(folder);
    root = debian.unpack(debian.dependency(name));
    version = readdirSync(join(root, 'usr/lib/modules'))[0]!;
    execFileSync('depmod', ['-b', join(root, 'usr'), version]);
    within(root, `mkinitramfs -o ${initrd} ${version}`);
    const config = join(root, 'boot', `config-${version}`);
    result = await audit({
      config: { path: config, bytes: readFileSync(config) },
      initramfs: { path: initrd, bytes: readFileSync(initrd) },
    });
  });

  const verdicts = (group: string) =>
    Object.fromEntries(
      result.lines
        .filter((line) => line.group === group)
        .map((line) => [line.name.replace('CONFIG_', ''), verdictText(line.verdict)]),
    );

  test('has every required option, the drivers of disk and network as modules of its initramfs', () => {
    expect(verdicts('required options')).toEqual({
      KVM_GUEST: YES,
      KVM_CLOCK: 'satisfied by successor KVM_GUEST since 3.7',
      VIRTIO_PCI: YES,
      SCSI_VIRTIO: PRESENT,
      VIRTIO_NET: PRESENT,
      PCI_MSI: YES,
    });
  });

  test('has every recommended option, by its own name or its successor', () => {
    expect(verdicts('recommended options')).toEqual({
      STRICT_DEVMEM: YES,
      DEVKMEM: YES,
      DEFAULT_MMAP_MIN_ADDR: YES,
      DEBUG_RODATA: 'satisfied by successor STRICT_KERNEL_RWX since 4.11',
      DEBUG_SET_MODULE_RONX: 'satisfied by successor STRICT_MODULE_RWX since 4.11',
      CC_STACKPROTECTOR: 'satisfied by successor STACKPROTECTOR since 4.18',
      COMPAT_VDSO: YES,
      COMPAT_BRK: YES,
      X86_PAE: 'not applicable (the line is for i386, this is x86_64)',
      SYN_COOKIES: YES,
      SECURITY_YAMA: YES,
      SECURITY_YAMA_STACKED: 'satisfied by successor SECURITY_YAMA since 4.3',
    });
  });

  test('has a path to its disk, and runs on Compute Engine', () => {
    expect(verdicts('ours')).toMatchObject({ 'modules on the way to the disk': PRESENT, initramfs: YES });
    expect(result.failed).toBe(false);
  });

  test('has the modules in its initramfs that lsinitramfs finds there', () => {
    const listed = execFileSync('lsinitramfs', [initrd], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const inInitramfs = result.lines.flatMap(({ verdict }) =>
      verdict.kind === 'module in initramfs' && verdict.file.includes('/') ? [verdict.file] : [],
    );

    expect(inInitramfs.length).toBeGreaterThan(3);
    expect(inInitramfs.filter((path) => !listed.includes(`${path}\n`))).toEqual([]);
  });

  test('without virtio_scsi in its initramfs would not find its disk', async () => {
    const config = join(root, 'boot', `config-${version}`);
    // Made by cpio of the package's modules: mkinitramfs has no way to leave one out.
    const list = execFileSync('find', ['usr/lib/modules', '-name', '*.ko*', '!', '-name', 'virtio_scsi*'], {
      cwd: root,
    });
    const bytes = execFileSync('cpio', ['-o', '-H', 'newc', '--quiet'], {
      cwd: root,
      input: list,
      maxBuffer: 1 << 30,
    });

    const { failed, lines } = await audit({
      config: { path: config, bytes: readFileSync(config) },
      initramfs: { path: 'poor', bytes },
    });

    const line = lines.find((one) => one.name === 'modules on the way to the disk')!;
    expect([failed, line.verdict]).toEqual([true, { kind: 'missing', why: 'poor lacks virtio_scsi' }]);
  });
});

describe('sysctl --system', () => {
  test('applies the files that the audit applies, in its order', () => {
    const image = join(work, 'image');
    const directories = ['etc/sysctl.d', 'run/sysctl.d', 'usr/local/lib/sysctl.d', 'usr/lib/sysctl.d'];
    for (const directory of directories) mkdirSync(join(image, directory), { recursive: true });
    // Every directory has a file that the next ones have, too, and one of its own.
    const files = directories.flatMap((directory, i) =>
      [...directories.slice(0, i + 1).keys(), `own${9 - i}`].map((key) => `${directory}/${key}0-a.conf`),
    );
    for (const file of [...files, 'etc/sysctl.conf'])
      writeFileSync(join(image, file), 'kernel.pid_max = 4194304\n');
    const mounts = ['etc', 'run', 'usr/local', 'usr/lib/sysctl.d'].map(
      (path) => `mount --bind ${image}/${path} /${path}`,
    );
    const script = [...mounts, 'sysctl --system --dry-run'].join('\n');

    const said = execFileSync('unshare', ['-m', 'sh', '-ec', script], { encoding: 'utf8' });
    const applied = [...said.matchAll(/^\* Applying (\S+) \.\.\.$/gm)].map(([, path]) => path);

    const ours = inOrder([
      ...files.map((file) => ({
        path: `/${file}`,
        text: '',
        directory: `/${file.slice(0, file.lastIndexOf('/'))}`,
      })),
      { path: '/etc/sysctl.conf', text: '' },
    ]).map(({ path }) => path);
    expect(ours.length).toBe(9);
    expect(applied).toEqual(ours);
  });
});
