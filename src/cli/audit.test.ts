import { describe, expect, test } from 'vitest';
import { configOf, cpioOf } from '../audit/rig.ts';
import { guestrig, inFolderOf } from './rig.ts';

const FILES = {
  good: configOf(),
  bad: configOf({ PCI_MSI: 'n' }),
  torn: `${configOf()}hello\n`,
  modular: configOf({ SCSI_VIRTIO: 'm' }),
  initrd: cpioOf({ name: 'lib/virtio_scsi.ko' }),
  // Linux has gVNIC since 5.3.
  old: configOf({ GVE: null }, '4.19.1'),
  bomb: Buffer.from('BZh91AY'),
  'mine.conf': 'net.ipv4.ip_forward = 1\n',
  'root/etc/sysctl.conf': 'kernel.kptr_restrict = 1\n',
  'root/etc/sysctl.d/50-a.conf': 'net.ipv4.ip_forward = 0\n',
  'root/etc/sysctl.d/README': 'no setting\n',
  'image/usr/lib/udev/google_nvme_id': '',
  'image/usr/lib/udev/rules.d/65-gce-disk-naming.rules': '',
  'root/usr/lib/sysctl.d/50-a.conf': 'net.ipv4.ip_forward = 1\n',
};

inFolderOf(FILES);

const audit = (...argv: string[]) => guestrig('audit', ...argv);

describe('guestrig audit', () => {
  test.each([
    [['--config', 'good'], 0],
    [['--config', 'bad'], 1],
    [['--config', 'modular', '--initrd', 'initrd'], 0],
    [['--config', 'good', '--sysctl', 'mine.conf'], 1],
    [['--config', 'old'], 0],
    [['--config', 'old', '--machine', 'c3'], 1],
    [['--config', 'good', '--machine', 'c3'], 0],
  ])('%j has status %d', async (argv, status) => {
    expect(await audit(...argv)).toMatchObject({ status, err: '' });
  });

  test.each([
    [[], "required option '--config <file>' not specified"],
    [['--config', 'none'], 'config none: no such file'],
    [['--config', 'torn'], 'config torn:32 must be a line of a kernel configuration; got "hello"'],
    [
      ['--config', 'good', '--sysctl', 'root/etc/sysctl.d/README'],
      'sysctl root/etc/sysctl.d/README:1 must be a setting (key = value); got "no setting"',
    ],
    [['--config', 'good', '--sysctl', 'none'], 'sysctl none: no such file'],
    [['--config', 'good', '--initrd', 'good'], 'initramfs good: holds no archive at byte 0'],
    [
      ['--config', 'good', '--initrd', 'bomb'],
      'initramfs bomb: is compressed with bzip2, which the audit does not read',
    ],
    [['--config', 'good', '--arch', 'mips'], '--arch must be one of x86_64, i386, arm64; got "mips"'],
    [['--config', 'good', '--arch', 'arm64'], 'config good: is for x86_64, not arm64'],
    [
      ['--config', 'good', '--reporter', 'xml'],
      '--reporter must be one of text, json, junit, github, sarif, html, markdown; got "xml"',
    ],
    [
      ['--config', 'good', '--fix', '--reporter', 'json'],
      "option '--fix' cannot be used with option '--reporter <name>'",
    ],
  ])('%j is refused in one line', async (argv, line) => {
    expect(await audit(...argv)).toEqual({ status: 2, out: '', err: `${line}\n` });
  });

  test('has a help that ends with an example', async () => {
    expect((await audit('--help')).out).toMatch(/\nExample: guestrig audit --config [^\n]+\n$/);
  });

  test('reads the settings of an image from its root: by name, /etc before /usr/lib, sysctl.conf last', async () => {
    const { out } = await audit('--config', 'good', '--sysctl', 'root', '--reporter', 'json');
    const places = JSON.parse(out).lines.map(({ at }: { at: { file: string } | null }) => at?.file);

    expect(new Set(places)).toEqual(
      new Set(['good', undefined, 'root/etc/sysctl.d/50-a.conf', 'root/etc/sysctl.conf']),
    );
  });

  test.each([
    ['root', /FAIL {2}names of NVMe disks .*the image has no udev\/rules\.d\/65-gce-disk-naming\.rules/],
    ['image', /names of NVMe disks .* satisfied .*image\/usr\/lib\/udev\/google_nvme_id/],
    ['mine.conf', /names of NVMe disks .* not applicable .*no root of an image was given/],
  ])('looks in the root of an image for what names NVMe disks: %s', async (path, said) => {
    const { out } = await audit('--config', 'good', '--machine', 'c3', '--sysctl', path);

    expect(out).toMatch(said);
  });

  test('takes a file that is named before those of a directory', async () => {
    const { out } = await audit('--config', 'good', '--sysctl', 'mine.conf', '--sysctl', 'root');

    expect(out).toMatch(/FAIL {2}net\.ipv4\.ip_forward +0 +contradicts +mine\.conf:1/);
  });

  test.each([
    ['json', /^\{\n {2}"schema": 1,/],
    ['junit', /^<\?xml /],
    ['markdown', /^# good: Linux /],
    ['text', /^guestrig \S+ audit {2}good/],
  ])('reports as %s', async (reporter, beginning) => {
    expect((await audit('--config', 'good', '--reporter', reporter)).out).toMatch(beginning);
  });

  test('prints the changes with --fix, and keeps its own status', async () => {
    expect(await audit('--config', 'bad', '--fix')).toMatchObject({
      status: 1,
      out: '# kernel configuration: scripts/kconfig/merge_config.sh .config THIS\nCONFIG_PCI_MSI=y\n',
    });
  });
});
