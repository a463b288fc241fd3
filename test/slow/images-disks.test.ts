import { execFileSync } from 'node:child_process';
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { ImageMaker, judged } from './image-maker.ts';
import { workFolder } from './work-folder.ts';

const maker = new ImageMaker(workFolder());

describe('an archive', () => {
  let disk = '';
  beforeAll(() => {
    disk = maker.raw();
  });

  test('with another name in it fails, and says which', async () => {
    const { status, fails } = await judged(maker.packed(disk, 'image.raw'));

    expect([status, fails]).toEqual([1, { name: 'it has image.raw, and no disk.raw' }]);
  });

  test('in the form of POSIX fails', async () => {
    const { status, fails } = await judged(maker.packed(disk, 'disk.raw', 'ustar'));

    expect([status, fails]).toEqual([1, { tar: 'not in the form of GNU tar, but of POSIX' }]);
  });

  test('with holes in the form of POSIX is not read, and says so', async () => {
    const { fails } = await judged(maker.packed(disk, 'disk.raw', 'posix'));

    expect(fails).toEqual({
      format: expect.stringContaining('has a sparse file in a form that is not read'),
      tar: 'not in the form of GNU tar, but of POSIX',
    });
  });

  test('with a second file fails', async () => {
    const folder = dirname(disk);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    execFileSync('tar', ['--format=oldgnu', '-Sczf', 'two.tar.gz', 'disk.raw', 'notes.txt'], { cwd: folder });

    const { fails } = await judged(join(folder, 'two.tar.gz'));

    expect(fails).toEqual({ name: 'beside disk.raw there are others: disk.raw, notes.txt' });
  });

  test('that is cut fails', async () => {
    const archive = maker.packed(disk);
    truncateSync(archive, 60_000);

    const { status, fails } = await judged(archive);

    expect([status, fails]).toEqual([1, { format: expect.stringContaining('is no gzip file, or is cut') }]);
  });

  test('whose last bytes are another is found out by its sum', async () => {
    const archive = maker.packed(disk);
    const fd = openSync(archive, 'r+');
    writeSync(fd, 'XXXX', Number(execFileSync('stat', ['-c', '%s', archive])) - 8);
    closeSync(fd);

    expect((await judged(archive)).fails).toEqual({
      format: expect.stringContaining('is no gzip file, or is cut'),
    });
  });
});

describe('a disk', () => {
  function changed(at: number, bytes: string | Buffer): string {
    const disk = maker.raw();
    const fd = openSync(disk, 'r+');
    const data = Buffer.from(bytes as string, 'latin1');
    writeSync(fd, data, 0, data.length, at);
    closeSync(fd);
    return disk;
  }

  test('whose GPT has a wrong sum fails', async () => {
    const { fails } = await judged(changed(512 + 40, '\xff'));

    expect(fails).toEqual({ 'partition table': 'GPT: its header at sector 1: its CRC is wrong' });
  });

  test('whose entries of the GPT were changed fails', async () => {
    const { fails } = await judged(changed(1024 + 56, 'X'));

    expect(fails).toEqual({ 'partition table': 'GPT: the CRC of its entries is wrong' });
  });

  test('that was made longer keeps the copy of its GPT in the middle, which is noted', async () => {
    const disk = maker.raw();
    truncateSync(disk, 2 ** 31);

    const { status, notes } = await judged(disk);

    expect(status).toBe(0);
    expect(notes['partition table']).toBe('GPT: its copy at the last sector: there is none');
  });

  test('that was cut fails by its partitions, and is not read behind its end', async () => {
    const disk = maker.raw();
    truncateSync(disk, 100 * 2 ** 20);

    const { fails } = await judged(disk);

    expect(fails['partition table']).toMatch(/partition 3 reaches behind the end of the disk/);
    expect(fails['partition 3']).toMatch(/^cannot be read: /);
  });

  test('whose loader is no program for UEFI fails', async () => {
    const disk = maker.raw({ grub: false });
    const text = join(dirname(disk), 'text');
    writeFileSync(text, 'no program');
    execFileSync('mcopy', ['-o', '-i', `${disk}@@2097152`, text, '::/EFI/BOOT/BOOTX64.EFI']);

    expect((await judged(disk)).fails['UEFI boot']).toBe('EFI/BOOT/BOOTX64.EFI is no program for x86_64');
  });

  test('whose MBR is sound is read by it, with a GPT of before at its end', async () => {
    const gpt = maker.raw({ size: '1G' });
    const disk = maker.raw({ label: 'dos' });
    execFileSync('dd', [
      `if=${gpt}`,
      `of=${disk}`,
      'bs=512',
      'skip=2097119',
      'seek=2097119',
      'count=33',
      'conv=notrunc',
      'status=none',
    ]);

    const { status, notes } = await judged(disk);

    expect(status).toBe(0);
    expect(notes['partition table']).toBe('MBR: beside it there is a GPT of before, which is not used');
  });

  test.each([
    ['ext4 with meta_bg', 0x60, 16],
    ['ext4 with inline_data', 0x61, 0x80],
    ['what is not known here', 0x38, 0],
  ])('whose root is %s is not judged by it, and does not fail', async (what, at, value) => {
    const { status, fails, unjudged } = await judged(changed(66 * 2 ** 20 + 1024 + at, Buffer.from([value])));

    expect([status, fails]).toEqual([0, {}]);
    expect(unjudged['root file system']).toBe(`it may be in ${what}: the lines below need ext4`);
  });

  test('whose FAT32 has few clusters is read as FAT32', async () => {
    const disk = maker.raw({ grub: false });
    const at = `${disk}@@2097152`;
    execFileSync('mformat', ['-i', at, '-F', '-c', '8', '-T', '131072', '-h', '16', '-s', '32', '::']);
    execFileSync('mmd', ['-i', at, '::/EFI', '::/EFI/BOOT']);
    execFileSync('mcopy', ['-i', at, '/usr/share/efi-shell-x64/shellx64.efi', '::/EFI/BOOT/BOOTX64.EFI']);

    const { passes } = await judged(disk);

    expect(passes).toMatchObject({
      'partition 2': 'FAT32, for UEFI',
      'UEFI boot': 'EFI/BOOT/BOOTX64.EFI on partition 2',
    });
  });

  test.each([
    ['qcow2', 'QFI\xfb\0\0\0\x03', 'it is a qcow2 image, and not raw'],
    ['vmdk', 'KDMV\x01\0\0\0', 'it is a VMDK image, and not raw'],
  ])('as %s names the command that converts it', async (kind, head, cause) => {
    const file = join(dirname(maker.raw()), `disk.${kind}`);
    writeFileSync(file, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(65_536)]));

    const { status, lines } = await judged(file);

    expect([status, lines]).toEqual([
      1,
      [expect.objectContaining({ verdict: 'fail', cause, mend: `qemu-img convert -O raw ${file} disk.raw` })],
    ]);
  });

  test('with a feature that is not known is a mistake of the caller', async () => {
    const { status, err } = await guestrig(
      'image',
      'none.raw',
      '--guest-os-features',
      'GVNIC,UEFI_COMPATIBEL',
    );

    expect([status, err]).toEqual([2, expect.stringContaining('did you mean UEFI_COMPATIBLE?')]);
  });

  test('that is not there is a mistake of the caller', async () => {
    expect(await guestrig('image', 'none.raw')).toEqual({
      status: 2,
      out: '',
      err: 'disk none.raw: no such file\n',
    });
  });
});
