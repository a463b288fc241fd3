import { describe, expect, test } from 'vitest';
import { fixOf } from './fix.ts';
import { auditOf, configOf, cpioOf, lineOf } from './rig.ts';

/** A machine of the third generation, and one before it. */
const C3 = { name: 'gce-c3', parts: ['nvme', 'gvnic', 'pc'] } as const;
const N1 = { name: 'gce-n1', parts: ['scsi', 'virtio', 'pc'] } as const;
const WAY = 'modules on the way to the disk';
const NAMES = 'names of NVMe disks';
const RULES = '/image/usr/lib/udev/rules.d/65-gce-disk-naming.rules';
const HELPER = '/image/usr/lib/udev/google_nvme_id';

const initramfsOf = (...modules: string[]) => ({
  path: 'initrd',
  bytes: cpioOf(...modules.map((name) => ({ name: `lib/modules/${name}.ko` }))),
});

describe('for a C3', () => {
  test('a kernel needs NVMe and gVNIC, and neither SCSI nor virtio-net', async () => {
    const config = configOf({ SCSI_VIRTIO: 'n', BLK_DEV_SD: 'n', VIRTIO_NET: 'n' });

    const result = await auditOf(config, { machine: C3, files: [RULES, HELPER] });

    expect(result.failed).toBe(false);
    expect(lineOf(result, 'SCSI_VIRTIO').verdict).toEqual({
      kind: 'not applicable',
      why: 'gce-c3 has no virtio-scsi',
    });
  });

  test.each(['BLK_DEV_NVME', 'GVE', 'PCI_MSI'])('a kernel without %s fails', async (option) => {
    const result = await auditOf(configOf({ [option]: 'n' }), { machine: C3, files: [RULES, HELPER] });

    expect(result.lines.filter(({ verdict }) => verdict.kind === 'contradicts')).toEqual([
      lineOf(result, option),
    ]);
  });

  test('a kernel that is too old for a gVNIC lacks it', async () => {
    const config = configOf({ GVE: null }, '4.19.1');

    expect(lineOf(await auditOf(config, { machine: C3 }), 'GVE').verdict).toEqual({
      kind: 'missing',
      why: 'Linux has GVE since 5.3, this is 4.19.1',
    });
    expect(lineOf(await auditOf(config), 'GVE').verdict.kind).toBe('not applicable');
  });

  test('modules of NVMe must be in the initramfs, and those of SCSI need not', async () => {
    const config = configOf({ NVME_CORE: 'm', BLK_DEV_NVME: 'm', SCSI_VIRTIO: 'm' });
    const verdictWith = async (...modules: string[]) =>
      lineOf(await auditOf(config, { machine: C3, initramfs: initramfsOf(...modules) }), WAY).verdict;

    expect(await verdictWith('nvme-core')).toEqual({ kind: 'missing', why: 'initrd lacks nvme' });
    expect(await verdictWith('nvme-core', 'nvme')).toMatchObject({ file: 'nvme_core, nvme' });
  });

  test('what is missing on the way to the disk is named by the fix', async () => {
    const config = configOf({ NVME_CORE: 'm', BLK_DEV_NVME: 'm' });
    const result = await auditOf(config, { machine: C3, initramfs: initramfsOf('ext4'), files: [RULES] });

    expect(fixOf(result).config.split('\n').slice(1, -1)).toEqual([
      '# or keep them as modules and add them to the initramfs',
      'CONFIG_NVME_CORE=y',
      'CONFIG_BLK_DEV_NVME=y',
      "# install what Google's guest-configs have: udev/rules.d/65-gce-disk-naming.rules udev/google_nvme_id",
    ]);
  });

  test.each([
    [[RULES, HELPER], { kind: 'satisfied', at: null, note: `${RULES}, ${HELPER}` }],
    [[RULES], { kind: 'missing', why: 'the image has no udev/google_nvme_id' }],
    [
      [],
      {
        kind: 'missing',
        why: 'the image has no udev/rules.d/65-gce-disk-naming.rules and no udev/google_nvme_id',
      },
    ],
    [undefined, { kind: 'not applicable', why: 'no root of an image was given to look for them in' }],
  ])('udev of an image with %j', async (files, verdict) => {
    const more = files === undefined ? {} : { files };

    const result = await auditOf(configOf(), { machine: C3, ...more });

    expect(lineOf(result, NAMES).verdict).toEqual(verdict);
  });
});

describe('for an N1', () => {
  test('a kernel needs neither NVMe nor gVNIC', async () => {
    const config = configOf({ BLK_DEV_NVME: 'n', GVE: 'n' });

    expect((await auditOf(config, { machine: N1 })).failed).toBe(false);
    expect((await auditOf(config)).failed).toBe(true);
  });

  test('nothing is said of the names of NVMe disks', async () => {
    expect(lineOf(await auditOf(configOf(), { machine: N1 }), NAMES)).toBeUndefined();
  });
});
