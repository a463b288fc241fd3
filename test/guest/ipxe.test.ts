import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { V86Host } from '../../src/hosts/v86/index.ts';
import { gceN1, gceNetwork, type Machine, MemoryMedium } from '../../src/index.ts';
import { busyboxFile } from './busybox.ts';
import { guestFile, RAM } from './guest.ts';

/** Debian's packages seabios 1.16.3 and ipxe 1.21.1: its ISO has a boot sector for disks, too. */
const FIRMWARE = readFileSync('/usr/share/seabios/bios.bin');
const ISO = readFileSync('/usr/lib/ipxe/ipxe.iso');
/** The largest queues that SeaBIOS accepts. */
const RING = 256;
const LIMIT = 120_000_000_000;
const SCRIPT = `#!ipxe
kernel http://files.example/bzImage console=ttyS0,115200 maxcpus=1 quiet
initrd http://files.example/initrd
imgstat
boot
`;

/** Why each rule was broken; docs/running-an-os.md has those of SeaBIOS and Linux. */
const OF_SEABIOS = {
  'rtc/NMI rtc': 'turns NMI off whenever it asks the clock',
  'virtio/RESET-D1 scsi0': 'writes 0 to the status, and reads ISR next',
  'virtio/INIT-D4 scsi0': 'neither reads nor writes features before DRIVER_OK',
};
/** All of virtnet_open_legacy, but for the last. */
const OF_IPXE = {
  'virtio/RESET-D1 net0': 'vp_reset writes 0 to the status, and reads ISR next',
  'virtio/INIT-D7 net0': 'the queues come first, with status 0',
  'virtio/INIT-D13 net0': 'virtnet_refill_rx_virtqueue kicks before DRIVER_OK',
  'virtio/INIT-D3 net0': 'features are written with status 0',
  'virtio/STATUS-D1 net0': 'DRIVER and DRIVER_OK are set at once',
  'virtio/INIT-D2 net0': 'and ACKNOWLEDGE never is',
  'live/BUSY-WAIT the guest': 'a note: virtnet_poll reads ISR each time round',
};
const OF_LINUX = {
  'pci/CONFADD-ALIGN CONFADD': 'a note: arch/x86/pci/early.c',
  'virtio/NET-FRAME-LEG-D1-MRG net0': 'a note: header and frame are in one buffer',
};

function diskOf(image: Uint8Array): MemoryMedium {
  const medium = new MemoryMedium(Math.ceil(image.length / 512) * 512);
  medium.write(0, image, 0, image.length);
  return medium;
}

describe('iPXE, which SeaBIOS starts from our disk', () => {
  const asked: string[] = [];
  let machine: Machine;

  beforeAll(async () => {
    const network = gceNetwork({
      bootFile: 'http://files.example/boot.ipxe',
      hosts: { 'files.example': '10.1.2.3' },
      metadata: { instance: { attributes: { 'startup-script': 'echo "Linux is up on $(hostname)"' } } },
    });
    const files = { 'boot.ipxe': SCRIPT, bzImage: guestFile('bzImage'), initrd: busyboxFile('initrd') };
    for (const [name, body] of Object.entries(files))
      network.http(`/${name}`, ({ headers }, respond) => {
        asked.push(`${headers.get('host')}/${name}`);
        respond({ status: 200, body });
      });
    machine = gceN1({
      firmware: false,
      memory: { below4G: RAM },
      scsi: { ringSize: RING },
      disks: [{ medium: diskOf(ISO) }],
      nics: [{ backend: network, ringSize: RING }],
      serial: { pace: 'instant' },
    });
    const host = await V86Host.create(machine, { firmware: FIRMWARE });
    await host.run({ limit: LIMIT });
    await host.close();
  });

  test("takes a lease, resolves a name, and loads the lease's file by HTTP", () => {
    expect(asked).toEqual(['files.example/boot.ipxe', 'files.example/bzImage', 'files.example/initrd']);
  });

  test('starts the Linux that it loaded, which takes a lease of its own', () => {
    expect(machine.serial[0]!.text).toContain(
      'Linux is up on instance-1.us-central1-a.c.project-1.internal\r\n',
    );
  });

  test('breaks rules as its driver of virtio-net is written, and SeaBIOS and Linux those that they always do', () => {
    const broken = new Set(
      machine.findings.map(({ clause, subject }) => `${clause} ${subject.split(',')[0]}`),
    );

    expect([...broken]).toEqual([
      ...Object.keys(OF_SEABIOS),
      ...Object.keys(OF_IPXE),
      ...Object.keys(OF_LINUX),
    ]);
  });
});
