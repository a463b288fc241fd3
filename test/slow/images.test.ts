import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { configOf } from '../../src/audit/rig.ts';
import { guestrig } from '../../src/cli/rig.ts';
import { ImageMaker, initramfsOf, judged, type Made } from './image-maker.ts';
import { workFolder } from './work-folder.ts';

const maker = new ImageMaker(workFolder());

describe('a good image', () => {
  let disk = '';
  beforeAll(() => {
    disk = maker.raw();
  });

  test('as the tar.gz that Compute Engine takes fails nothing', async () => {
    const { status, err, fails, notes, unjudged } = await judged(maker.packed(disk));

    expect({ status, err, fails, unjudged }).toEqual({ status: 0, err: '', fails: {}, unjudged: {} });
    expect(Object.keys(notes)).toEqual(['SEV_CAPABLE']);
  });

  test('has the one command that creates it', async () => {
    const { command } = await judged(maker.packed(disk));

    expect(command).toBe(
      'gcloud compute images create NAME --source-uri=gs://BUCKET/disk.raw.oldgnu.tar.gz ' +
        '--guest-os-features=UEFI_COMPATIBLE,GVNIC,VIRTIO_SCSI_MULTIQUEUE',
    );
  });

  test('as a raw disk names the command that packs it', async () => {
    const { status, lines } = await judged(disk);

    expect([status, lines[0]]).toEqual([
      0,
      expect.objectContaining({
        verdict: 'noted',
        cause: 'a raw disk',
        mend: `tar --format=oldgnu -Sczf image.tar.gz disk.raw, in ${dirname(disk)}`,
      }),
    ]);
  });

  test.each(['text', 'junit', 'github', 'sarif', 'html', 'markdown'])(
    'is reported as %s',
    async (reporter) => {
      const { status, out } = await guestrig('image', disk, '--reporter', reporter);

      expect([status, out]).toEqual([0, expect.stringContaining(reporter === 'github' ? '' : 'virtio_scsi')]);
    },
  );

  test.each(['ext2', 'ext3'] as const)(
    'on %s, whose files are lists of blocks, is read the same',
    async (fileSystem) => {
      const { fails, passes } = await judged(maker.raw({ fileSystem }));

      expect(fails).toEqual({});
      expect(passes).toMatchObject({
        'partition 3': 'ext2 or ext3, /',
        configuration: '/boot/config-6.12.1',
      });
    },
  );
});

/** What is changed in a good image, and the line that fails for it, with its cause. */
const BAD: readonly (readonly [what: string, made: Made, name: string, cause: string])[] = [
  [
    'without virtio_scsi in its initramfs',
    { files: { '/boot/initrd.img-6.12.1': initramfsOf('virtio_net', 'nvme', 'gve') } },
    'virtio_scsi',
    'a module, and not in /boot/initrd.img-6.12.1: N1, N2, N2D and E2 have their disks behind it',
  ],
  [
    'with a kernel that has no virtio-net',
    {
      files: {
        '/boot/config-6.12.1': configOf({ VIRTIO_NET: 'n' }),
        '/boot/initrd.img-6.12.1': initramfsOf('virtio_scsi'),
        '/usr/lib/modules/6.12.1/modules.dep': '',
      },
    },
    'virtio_net',
    'it is not in this kernel: N1, N2, N2D and E2 have it unless GVNIC is asked for',
  ],
  [
    'with its console on ttyS1',
    {
      files: {
        '/boot/grub/grub.cfg':
          'linux /boot/vmlinuz-6.12.1 root=UUID=1 console=ttyS1\ninitrd /boot/initrd.img-6.12.1\n',
      },
    },
    'console',
    'console=ttyS1: the serial console of Compute Engine is ttyS0, and shows nothing',
  ],
  [
    'that boots a kernel which was removed',
    { files: { '/boot/grub/grub.cfg': 'linux /boot/vmlinuz-5.10 root=PARTUUID=1 console=ttyS0\n' } },
    'kernel',
    '/boot/grub/grub.cfg boots /boot/vmlinuz-5.10, which is not there',
  ],
  [
    'whose root is a virtio-blk',
    {
      files: {
        '/boot/grub/grub.cfg':
          'linux /boot/vmlinuz-6.12.1 root=/dev/vda1 console=ttyS0\ninitrd /boot/initrd.img-6.12.1',
      },
    },
    'root',
    'root=/dev/vda1: the disk is sda on some machines, nvme0n1 on others, and never vda',
  ],
  [
    'with an address of its own',
    { files: { '/etc/network/interfaces': 'iface ens4 inet static\n  address 10.0.0.2/24\n' } },
    'network',
    '/etc/network/interfaces gives an address of its own',
  ],
  [
    'with frames larger than any network has',
    { files: { '/etc/network/interfaces': 'iface ens4 inet dhcp\n  mtu 9000\n' } },
    'MTU',
    '/etc/network/interfaces sets 9000: no network has more than 8896',
  ],
  [
    'with host keys, and nothing that makes new ones',
    { files: { '/etc/ssh/ssh_host_rsa_key': 'a key', '/usr/bin/google_guest_agent': null } },
    'host keys',
    '/etc/ssh/ssh_host_rsa_key: each machine of this image would have it',
  ],
  [
    'with a rule that ties its card to an address',
    {
      files: {
        '/etc/udev/rules.d/70-persistent-net.rules': 'ATTR{address}=="52:54:00:12:34:56", NAME="eth0"\n',
      },
    },
    'names of cards',
    '/etc/udev/rules.d/70-persistent-net.rules ties one to an address, and each machine has another',
  ],
  ['without a boot loader', { grub: false, esp: false }, 'BIOS boot', 'the first sector has no code'],
  ['of half a GiB more', { size: '1536M' }, 'size', '1610612736 bytes are no whole number of GiB'],
];

describe('an image', () => {
  test.each(BAD)('%s fails by that line alone', async (_what, made, name, cause) => {
    const { status, fails } = await judged(maker.raw(made));

    expect(status).toBe(1);
    expect(fails).toMatchObject({ [name]: cause });
    expect(Object.keys(fails).filter((one) => one !== name && one !== 'UEFI boot')).toEqual([]);
  });

  test('with an MBR alone boots by a BIOS, and fails if UEFI is claimed', async () => {
    const disk = maker.raw({ label: 'dos', esp: false });

    const plain = await judged(disk);
    const claimed = await judged(disk, '--guest-os-features', 'UEFI_COMPATIBLE,GVNIC');

    expect([plain.status, plain.fails]).toEqual([0, {}]);
    expect(plain.notes['UEFI boot']).toBe(
      'no partition is an EFI system partition: only machines with a BIOS boot it',
    );
    expect(plain.command).not.toContain('UEFI_COMPATIBLE');
    expect([claimed.status, claimed.fails]).toEqual([
      1,
      { UEFI_COMPATIBLE: 'it is asked for, and no loader for UEFI was found' },
    ]);
  });

  test('without gve fails if GVNIC is claimed', async () => {
    const files = {
      '/boot/config-6.12.1': configOf({ GVE: 'n' }),
      '/boot/initrd.img-6.12.1': initramfsOf('virtio_scsi'),
      '/usr/lib/modules/6.12.1/modules.dep': '',
    };

    const { fails } = await judged(maker.raw({ files }), '--guest-os-features', 'GVNIC');

    expect(fails).toEqual({ GVNIC: 'it is asked for, and no gve was found for this kernel' });
  });

  test('by UEFI alone is noted as such', async () => {
    const { status, notes, passes } = await judged(maker.raw({ grub: false }));

    expect(status).toBe(0);
    expect(notes['BIOS boot']).toBe('the first sector has no code: only machines with UEFI boot it');
    expect(passes['UEFI boot']).toBe('EFI/BOOT/BOOTX64.EFI on partition 2');
  });
});

describe('the boot loader', () => {
  test('may keep its entries by the Boot Loader Specification, on a /boot of its own', async () => {
    const files = {
      '/boot/grub/grub.cfg': null,
      '/boot/loader/entries/a-6.12.1.conf':
        'title Fedora\nlinux /boot/vmlinuz-6.12.1\ninitrd /boot/initrd.img-6.12.1\noptions root=UUID=1 $kernelopts\n',
      '/boot/loader/entries/a-6.2.0.conf': 'linux /boot/vmlinuz-6.2.0\n',
      '/boot/grub2/grubenv': '# GRUB Environment Block\nkernelopts=console=ttyS0,38400n8d\n####\n',
    };

    const { fails, passes } = await judged(maker.raw({ files }));

    expect(fails).toEqual({});
    expect(passes).toMatchObject({
      kernel: '/boot/vmlinuz-6.12.1, by /boot/loader/entries/a-6.12.1.conf',
      console: 'console=ttyS0,38400n8d',
    });
  });
});
