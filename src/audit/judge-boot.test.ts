import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { auditOf, configOf, cpioOf, lineOf } from './rig.ts';
import { verdictNote, verdictText } from './verdict.ts';

const MODULAR = { SCSI: 'm', SCSI_VIRTIO: 'm', BLK_DEV_SD: 'm', EXT4_FS: 'm', XFS_FS: 'm' };
const at = (name: string) => ({ name: `lib/modules/6.12/kernel/${name}` });

/** Verdict and note of a line, with an initramfs that has these modules. */
async function said(name: string, changes: Record<string, string | null>, ...modules: string[]) {
  const initramfs = { path: 'initrd', bytes: gzipSync(cpioOf(...modules.map(at))) };
  const { verdict } = lineOf(await auditOf(configOf(changes), { initramfs }), name);
  return [verdictText(verdict), verdictNote(verdict)];
}

describe('a module', () => {
  test.each([
    'virtio_scsi.ko',
    'virtio-scsi.ko',
    'virtio_scsi.ko.xz',
    'virtio_scsi.ko.zst',
    'virtio_scsi.ko.gz',
  ])('is in the initramfs as %s', async (file) => {
    expect(await said('SCSI_VIRTIO', MODULAR, file)).toEqual([
      'module, present in initramfs',
      `lib/modules/6.12/kernel/${file}`,
    ]);
  });

  test.each(['virtio_scsi.ko.bz2', 'virtio_scsi.c', 'xvirtio_scsi.ko', 'virtio_scsi'])(
    'is not in the initramfs as %s',
    async (file) => {
      expect(await said('SCSI_VIRTIO', MODULAR, file)).toEqual([
        'module, not in initramfs',
        'initrd has no virtio_scsi',
      ]);
    },
  );
});

describe('the path to the disk', () => {
  const LINE = 'modules on the way to the disk';

  test('is open when every module of it is in the initramfs', async () => {
    const all = ['scsi_mod.ko', 'virtio_scsi.ko', 'sd_mod.ko'];

    expect(await said(LINE, MODULAR, ...all)).toEqual([
      'module, present in initramfs',
      'scsi_mod, virtio_scsi, sd_mod',
    ]);
  });

  test('is blocked when one is missing, which is named', async () => {
    expect(await said(LINE, MODULAR, 'scsi_mod.ko', 'virtio_scsi.ko')).toEqual([
      'missing',
      'initrd lacks sd_mod',
    ]);
  });

  test('makes an audit fail', async () => {
    const initramfs = { path: 'initrd', bytes: cpioOf(at('scsi_mod.ko')) };

    expect((await auditOf(configOf(MODULAR), { initramfs })).failed).toBe(true);
  });

  test('is not judged without an initramfs', async () => {
    const { verdict } = lineOf(await auditOf(configOf(MODULAR)), LINE);

    expect(verdictText(verdict)).toBe('module, not in initramfs');
  });
});

describe('the root file system', () => {
  test.each([
    [{ EXT4_FS: 'n', XFS_FS: 'y' }, [], ['satisfied', 'CONFIG_XFS_FS=y']],
    [
      { EXT4_FS: 'm', XFS_FS: 'm' },
      ['xfs.ko'],
      ['module, present in initramfs', 'lib/modules/6.12/kernel/xfs.ko'],
    ],
    [{ EXT4_FS: 'm' }, [], ['module, not in initramfs', 'initrd has no ext4']],
  ])('is any one that is there: %j with %j', async (changes, modules, verdict) => {
    expect(await said('root file system', changes, ...modules)).toEqual(verdict);
  });

  test('is missing when the kernel has none', async () => {
    expect((await said('root file system', { EXT4_FS: null }))[0]).toBe('missing');
  });
});

describe('an initramfs', () => {
  test.each([
    [{}, 'satisfied'],
    [{ RD_GZIP: 'n' }, 'contradicts'],
    [{ RD_GZIP: null }, 'missing'],
    [{ BLK_DEV_INITRD: 'n' }, 'contradicts'],
  ])('must be supported by the kernel: %j', async (changes, verdict) => {
    expect((await said('initramfs', changes))[0]).toBe(verdict);
  });
});
