import { describe, expect, test } from 'vitest';
import { configOf, cpioOf } from '../rig.ts';
import { judgeFeatures } from './features.ts';
import { type Entry, type FileSystem, Tree } from './files/tree.ts';
import { judgeGuest } from './guest-lines.ts';
import { bootEntry } from './kernel-files.ts';
import { judgeKernel } from './kernel-lines.ts';

interface Node extends Entry {
  readonly content: string | Buffer;
  readonly names: Map<string, Node>;
}

const folder = (): Node => ({ kind: 'folder', size: 0, content: '', names: new Map() });

/** A file system of these files; a content that begins with an arrow is a link. */
function treeOf(files: Readonly<Record<string, string | Buffer>>, mount = '/'): Tree {
  const root = folder();
  for (const [path, content] of Object.entries(files)) {
    const names = path.slice(1).split('/');
    let at = root;
    for (const name of names.slice(0, -1)) {
      if (!at.names.has(name)) at.names.set(name, folder());
      at = at.names.get(name)!;
    }
    const kind = content.toString('latin1').startsWith('->') ? 'link' : 'file';
    const text = kind === 'link' ? content.slice(2) : content;
    at.names.set(names.at(-1)!, { kind, size: text.length, content: text, names: new Map() });
  }
  return new Tree(new Map([[mount, systemOf(root)]]));
}

function systemOf(root: Node): FileSystem {
  const system: FileSystem<Node> = {
    name: 'none',
    root,
    ignoresCase: false,
    remark: '',
    list: ({ names }) => names,
    read: ({ content }) => Buffer.from(content as string),
  };
  return system as FileSystem;
}

const judged = (files: Readonly<Record<string, string>>, name: string) => {
  const { outcome, cause } = judgeGuest(treeOf(files)).find((one) => one.name === name)!;
  return [outcome, cause];
};

const NETWORKD = '/etc/systemd/network/lan.network';

const NM = '/etc/NetworkManager/system-connections/a.nmconnection';

describe('a system', () => {
  test.each([
    ['/etc/network/interfaces', 'iface ens4 inet dhcp', 'pass'],
    ['/etc/network/interfaces', '# iface ens4 inet dhcp', 'noted'],
    ['/etc/netplan/50-cloud-init.yaml', 'network:\n  ethernets:\n    ens4:\n      dhcp4: true', 'pass'],
    ['/etc/netplan/50.yaml', 'network:\n  ethernets:\n    ens4:\n      addresses: [10.0.0.2/24]', 'fail'],
    [NETWORKD, '[Network]\nDHCP=yes', 'pass'],
    [NETWORKD, '[Network]\nAddress=10.0.0.2/24', 'fail'],
    ['/etc/sysconfig/network-scripts/ifcfg-eth0', 'BOOTPROTO=dhcp', 'pass'],
    ['/etc/sysconfig/network-scripts/ifcfg-eth0', 'IPADDR=10.0.0.2', 'fail'],
    [NM, '[ipv4]\nmethod=auto', 'pass'],
    [NM, '[ipv4]\naddress1=10.0.0.2/24\nmethod=manual\n[ipv6]\nmethod=auto', 'fail'],
    [NM, '[ipv4]\nmethod=auto\n[ipv6]\naddress1=2001::1/64', 'pass'],
    [NM, '[ipv4]\nmethod=disabled\n[ipv6]\nmethod=auto', 'noted'],
    ['/etc/network/interfaces', 'iface a inet dhcp\niface b inet static\naddress 10.0.0.2', 'fail'],
    ['/etc/network/interfaces', 'iface lo inet static\niface b inet dhcp\nmtu 1460', 'pass'],
    ['/usr/bin/cloud-init', '', 'pass'],
  ])('whose %s says %j has a network that is judged %3$s', (path, text, outcome) => {
    expect(judged({ [path]: text }, 'network')[0]).toBe(outcome);
  });

  test.each([
    [NETWORKD, '[Network]\nDHCP=yes', 'noted', `${NETWORKD} does not take it from DHCP`],
    [NETWORKD, '[Network]\nDHCP=yes\n[DHCPv4]\nUseMTU=yes', 'pass', 'by DHCP, which says 1460'],
    [NETWORKD, '[Link]\nMTUBytes=1460', 'pass', `1460, by ${NETWORKD}`],
    [
      NETWORKD,
      '[Link]\nMTUBytes=1500',
      'noted',
      `${NETWORKD} sets 1500: right only in a network that was created with it`,
    ],
    [NETWORKD, '[Link]\nMTUBytes=9001', 'fail', `${NETWORKD} sets 9001: no network has more than 8896`],
    [
      '/etc/dhcp/dhclient.conf',
      'request subnet-mask;',
      'noted',
      '/etc/dhcp/dhclient.conf does not ask for interface-mtu',
    ],
  ])('whose %s says %j has an MTU that is judged', (path, text, outcome, cause) => {
    expect(judged({ [path]: text }, 'MTU')).toEqual([outcome, cause]);
  });

  test.each([
    ['server metadata.google.internal iburst', 'pass'],
    ['server 169.254.169.254 prefer', 'pass'],
    ['# server metadata.google.internal\npool 2.debian.pool.ntp.org iburst', 'noted'],
  ])('whose chrony.conf says %j keeps a time that is judged', (text, outcome) => {
    expect(judged({ '/etc/chrony/chrony.conf': text }, 'time server')[0]).toBe(outcome);
  });

  test.each(['\n', ' ', 'mtu ', 'request ', 'iface ', '\n\t'])(
    'whose files are 1 MiB of %j is judged in time',
    (piece) => {
      const text = piece.repeat(Math.floor((1 << 20) / piece.length));
      const paths = [
        '/etc/network/interfaces',
        '/etc/dhcp/dhclient.conf',
        '/etc/chrony.conf',
        '/etc/fstab',
        NETWORKD,
      ];
      const begun = performance.now();

      judgeGuest(treeOf(Object.fromEntries(paths.map((path) => [path, text]))));

      // A pattern that looks twice at each byte of such a file takes hours.
      expect(performance.now() - begun).toBeLessThan(20_000);
    },
  );

  test.each([
    ['/usr/bin/cloud-init', 'noted'],
    ['/usr/bin/google_guest_agent', 'noted'],
    ['/usr/bin/true', 'fail'],
  ])('with %s has host keys that are judged %s', (path, outcome) => {
    expect(judged({ [path]: '', '/etc/ssh/ssh_host_rsa_key': 'a key' }, 'host keys')[0]).toBe(outcome);
  });

  test('has links followed, and a circle of them is no file', () => {
    const files = { '/lib': '->usr/lib', '/usr/lib/a': 'text', '/b': '->../b', '/c': '->/lib/../lib/a' };

    const tree = treeOf(files);

    expect([tree.text('/lib/a'), tree.text('/c'), tree.text('/b')]).toEqual(['text', 'text', null]);
  });

  test('without a root has the files of what is mounted, and no others', () => {
    const boot = treeOf({ '/vmlinuz-1': 'a kernel' }, '/boot');

    const found = ['/boot/vmlinuz-1', '/boot/../boot/vmlinuz-1', '/etc/fstab', '/'].map((path) =>
      boot.has(path),
    );

    expect(found).toEqual([true, true, false, false]);
  });

  test('whose path has no end is found out in time', () => {
    const circle = folder();
    circle.names.set('a', circle);
    const system = systemOf(circle);
    const tree = new Tree(new Map([['/', system]]));

    const long = () => tree.text('/a'.repeat(1_000_000));

    expect(tree.names('/a'.repeat(2000))).toEqual(['a']);
    expect(long).toThrow('a path with its links has more than 4096 names');
  });

  test.each([
    [{ '/boot/grub/grub.cfg': 'linux /vmlinuz-1 console=ttyS0', '/boot/vmlinuz-1': '' }, '/boot/vmlinuz-1'],
    [{ '/boot/grub2/grub.cfg': 'linuxefi ($root)/boot/vmlinuz-1', '/boot/vmlinuz-1': '' }, '/boot/vmlinuz-1'],
    [
      { '/boot/extlinux/extlinux.conf': 'LABEL l\n  KERNEL /boot/vmlinuz-1\n', '/boot/vmlinuz-1': '' },
      '/boot/vmlinuz-1',
    ],
    [{ '/boot/vmlinuz-6.9.1': '', '/boot/vmlinuz-6.12.1': '' }, '/boot/vmlinuz-6.12.1'],
    [{ '/boot/notes': '' }, undefined],
  ])('whose files are %j boots %s', (files, kernel) => {
    expect(bootEntry(treeOf(files as Record<string, string>))?.kernel).toBe(kernel);
  });
});

const BOOT = {
  '/vmlinuz-6.12.1': 'a kernel',
  '/config-6.12.1': configOf({ VIRTIO_NET: 'm', SCSI_VIRTIO: 'm', BLK_DEV_NVME: 'y', GVE: 'm' }),
  '/initrd.img-6.12.1': cpioOf({ name: 'usr/lib/modules/6.12.1/other.ko' }),
  '/grub/grub.cfg': 'linux /vmlinuz-6.12.1 root=/dev/mapper/root console=ttyS0\ninitrd /initrd.img-6.12.1\n',
};

describe('a kernel on a /boot of its own, whose root is not read', () => {
  test('has cards whose drivers are unknown, and disks by its initramfs', async () => {
    const { lines, drivers } = await judgeKernel(treeOf(BOOT, '/boot'));

    const outcomes = Object.fromEntries(lines.map(({ name, outcome }) => [name, outcome]));
    expect(drivers).toMatchObject({ virtio_net: 'unknown', gve: 'unknown', nvme: 'built in' });
    expect(outcomes).toMatchObject({
      kernel: 'pass',
      virtio_scsi: 'fail',
      virtio_net: 'unreached',
      gve: 'unreached',
    });
  });

  test('has features that are not judged, claimed or not', async () => {
    const kernel = await judgeKernel(treeOf(BOOT, '/boot'));

    const free = judgeFeatures({ uefi: [] }, kernel, null);
    const claimed = judgeFeatures({ uefi: [] }, kernel, ['GVNIC']);

    expect([free.unknown, claimed.unknown, claimed.features]).toEqual([['GVNIC'], [], ['GVNIC']]);
    expect(claimed.lines.find(({ name }) => name === 'GVNIC')?.outcome).toBe('unreached');
  });

  test('has claims judged though there is no kernel, and no UEFI', async () => {
    const kernel = await judgeKernel(treeOf({ '/etc/fstab': '' }));

    const { lines } = judgeFeatures({ uefi: [] }, kernel, ['GVNIC', 'UEFI_COMPATIBLE', 'IDPF']);

    expect(lines.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name)).toEqual([
      'UEFI_COMPATIBLE',
      'GVNIC',
    ]);
    expect(lines.at(-1)).toMatchObject({ name: 'IDPF', outcome: 'unreached' });
  });

  test('may be on the root itself', async () => {
    const { lines } = await judgeKernel(treeOf({ '/grub/fonts/a.pf2': '' }, '/boot'));

    expect(lines).toEqual([
      {
        group: 'kernel',
        name: 'kernel',
        outcome: 'unreached',
        cause: 'it may be on the root, which could not be read',
        mend: '',
      },
    ]);
  });
});

describe('the command line of a kernel', () => {
  /** The outcome of a line, of a kernel that boots so. */
  async function outcomeOf(
    name: string,
    options: string,
    architecture: 'x86_64' | 'arm64',
    initrd = 'initrd',
  ) {
    const config =
      architecture === 'x86_64' ? configOf() : '# Linux/arm64 6.12.1 Kernel Configuration\nCONFIG_ARM64=y\n';
    const tree = treeOf({
      '/boot/vmlinuz-6.12.1': 'a kernel',
      '/boot/config-6.12.1': config,
      '/boot/initrd': cpioOf({ name: 'usr/lib/modules/6.12.1/nvme.ko' }),
      '/boot/grub/grub.cfg': `linux /boot/vmlinuz-6.12.1 ${options}\ninitrd ${initrd}\n`,
    });
    const { lines } = await judgeKernel(tree);
    return lines.find((one) => one.name === name)!.outcome;
  }

  test.each([
    ['console=ttyAMA0,115200', 'arm64', 'pass'],
    ['console=ttyS0', 'arm64', 'pass'],
    ['console=ttyAMA0', 'x86_64', 'fail'],
    ['console=ttyS0 console=tty0', 'x86_64', 'noted'],
    ['console=ttyAMA1', 'arm64', 'fail'],
    ['', 'x86_64', 'fail'],
  ] as const)('%j on %s has a console that is judged %s', async (options, architecture, outcome) => {
    expect(await outcomeOf('console', options, architecture)).toBe(outcome);
  });

  test.each([
    ['root=/dev/nvme0n1p1', 'x86_64', 'noted'],
    ['root=/dev/nvme0n1p1', 'arm64', 'noted'],
    ['root=/dev/sda1', 'x86_64', 'noted'],
    ['root=/dev/sda1', 'arm64', 'fail'],
    ['root=/dev/vda1', 'x86_64', 'fail'],
    ['root=UUID=1', 'x86_64', 'pass'],
  ] as const)('%j on %s has a root that is judged %s', async (options, architecture, outcome) => {
    expect(await outcomeOf('root', options, architecture)).toBe(outcome);
  });

  test.each([
    ['root=UUID=1', '', 'fail'],
    ['root=LABEL=cloudimg-rootfs', '', 'fail'],
    ['root=PARTUUID=1', '', 'pass'],
    ['root=UUID=1', '/boot/initrd', 'pass'],
  ] as const)('%j with an initramfs %j has a root that is judged %s', async (options, initrd, outcome) => {
    expect(await outcomeOf('root', options, 'x86_64', initrd)).toBe(outcome);
  });

  test.each([
    ['/boot/initrd', 'pass'],
    ['/boot/none /boot/initrd', 'fail'],
    ['/boot/initrd /boot/none', 'fail'],
  ] as const)('with initramfs %j has one that is judged %s', async (initrd, outcome) => {
    expect(await outcomeOf('initramfs', '', 'x86_64', initrd)).toBe(outcome);
  });
});
