import { describe, expect, test } from 'vitest';
import {
  barAddress,
  configRead,
  findIrq,
  sizeBars,
  virtioNetDriver,
  virtioScsiDriver,
} from '../src/guest/index.ts';
import { inquiry, modeSense6 } from '../src/guest/scsi/commands.ts';
import { gceC3, gceC4, gceN1, gceN2, type Machine, type MachineOptions } from '../src/index.ts';

/**
 * What guests on Compute Engine printed, compared with our machine in the same way. Each part names its source;
 * docs/fidelity.md lists all evidence, and where the rest is tested.
 */
const ADAPTER = 3 << 3;
const NIC = 4 << 3;
const HOST_FEATURES = 0;
const QUEUE_SIZE = 12;
const QUEUE_SELECT = 14;
/** Device configuration of a legacy function without MSI-X. */
const CONFIG = 20;

const base = ({ port }: Machine, bdf: number) => barAddress(port, bdf, 0)!.address;
const bit = (features: number, at: number) => (features >>> at) & 1;
const text = (bytes: Uint8Array, from = 0, to = bytes.length) =>
  Buffer.from(bytes).toString('latin1', from, to);

/** A machine's first disk in use, past its unit attention. */
function diskOf(options: MachineOptions = {}) {
  const host = gceN1(options).attach(virtioScsiDriver);
  host.testUnitReady(1);
  return host;
}

describe('lspci on an N1 machine (elasticluster, pull request 504, November 2017)', () => {
  test.each([
    [
      'Virtio SCSI',
      ADAPTER,
      [
        ['io', 0xc000, 64],
        ['mem32', 0xfebf_e000, 128],
      ],
    ],
    [
      'Virtio network device',
      NIC,
      [
        ['io', 0xc040, 64],
        ['mem32', 0xfebf_f000, 64],
      ],
    ],
  ])('%s: both base addresses and their sizes', (_name, bdf, listed) => {
    const bars = sizeBars(gceN1().port, bdf).map(({ kind, address, size }) => [kind, address, size]);

    expect(bars).toEqual(listed);
  });
});

describe('NetBSD boots (slides "NetBSD on Google Compute Engine", January 2016)', () => {
  test('vioscsi: qsize 8192; 253 targets, 1 lun per target, which are max_target and max_lun as its driver prints them', () => {
    const machine = gceN1();
    const at = base(machine, ADAPTER);
    machine.port.out(at + QUEUE_SELECT, 2, 2);

    const qsize = machine.port.in(at + QUEUE_SIZE, 2);

    const [targets, luns] = [machine.port.in(at + CONFIG + 30, 2), machine.port.in(at + CONFIG + 32, 4)];
    expect([qsize, targets, luns]).toEqual([8192, 253, 1]);
  });

  test('vioif: Features: 0x30020<CTRL_VQ,STATUS,MAC>, and none other of those that its driver knows', () => {
    const machine = gceN1();

    const offered = machine.port.in(base(machine, NIC) + HOST_FEATURES, 4);

    // It asks for MAC, STATUS, CTRL_VQ, CTRL_RX, and NOTIFY_ON_EMPTY of the ring's.
    const asked = (1 << 5) | (1 << 16) | (1 << 17) | (1 << 18) | (1 << 24);
    expect(offered & asked).toBe(0x3_0020);
  });

  test('virtio0 and virtio1: both interrupt at pin 11', () => {
    const { port } = gceN1();

    expect([ADAPTER, NIC].map((bdf) => configRead(port, bdf, 0x3c, 1))).toEqual([11, 11]);
  });

  test('com0 and com1: 3f8 on irq 4, 2f8 on irq 3', () => {
    const { port } = gceN1();

    expect([0x3f8, 0x2f8].map((com) => findIrq(port, com))).toEqual([4, 3]);
  });

  test('piixpm0: SMBus disabled', () => {
    const hostConfiguration = configRead(gceN1().port, (1 << 3) | 3, 0xd2, 1);

    expect(hostConfiguration & 1).toBe(0);
  });

  test('sd0: disk fixed; 2048 MB of 512 bytes/sect', () => {
    const host = diskOf({ disks: [{ bytes: 2 ** 31 }] });

    const { data } = host.execute(1, 0, inquiry(36));

    expect([data[0], data[1]! >> 7]).toEqual([0, 0]);
    // "target 2 lun 0": its driver puts one less than that into the request.
    expect(host.scan().map(({ target, lun }) => [target, lun])).toEqual([[2 - 1, 0]]);
    expect(host.readCapacity(1)).toMatchObject({ blocks: 2048 * 2048, blockLength: 512 });
  });
});

describe('Ansible facts of Ubuntu 20.04 on two CPUs (a public gist, March 2021): virtio_net', () => {
  // What Linux makes an ethtool flag from: the bit that it must see.
  test.each([
    ['rx_checksumming: on [fixed]', 'GUEST_CSUM', 1, 1],
    ['tx_checksum_ip_generic, scatter_gather: on', 'CSUM', 0, 1],
    ['tx_tcp_segmentation: on', 'HOST_TSO4', 11, 1],
    ['tx_tcp6_segmentation: on', 'HOST_TSO6', 12, 1],
    ['tx_tcp_ecn_segmentation: off [fixed]', 'HOST_ECN', 13, 0],
    ['udp_fragmentation_offload: off', 'HOST_UFO', 14, 0],
    ['large_receive_offload: on', 'GUEST_TSO4', 7, 1],
    ['large_receive_offload: on', 'GUEST_TSO6', 8, 1],
    ['large_receive_offload: not fixed', 'CTRL_GUEST_OFFLOADS', 2, 1],
    ['rx_vlan_filter: off [fixed]', 'CTRL_VLAN', 19, 0],
  ])('%s: %s', (_flag, _feature, at, offered) => {
    const machine = gceN1({ vcpus: 2 });

    expect(bit(machine.port.in(base(machine, NIC) + HOST_FEATURES, 4), at)).toBe(offered);
  });

  // XDP on GKE: "expects header/data in single page, any_header_sg required", which Linux says of merged buffers alone.
  test.each([
    ['MRG_RXBUF', 15, 1],
    ['ANY_LAYOUT', 27, 0],
  ])('cilium 12105 and Solo5 98: %s', (_feature, at, offered) => {
    const machine = gceN1();

    expect(bit(machine.port.in(base(machine, NIC) + HOST_FEATURES, 4), at)).toBe(offered);
  });

  test('macaddress 42:01, and the four bytes of an address', () => {
    expect(gceN1().attach(virtioNetDriver).mac).toMatch(/^42:01:0a:80:/);
  });

  test('sectorsize 512, support_discard 4096, rotational 1', () => {
    const host = diskOf();
    const limits = host.vpd(1, 0xb0);
    const granularity = Buffer.from(limits).readUInt32BE(28);

    expect(host.readCapacity(1).blockLength).toBe(512);
    expect(granularity * 512).toBe(4096);
    // Linux takes a disk to rotate unless page B1 says 1.
    expect(Buffer.from(host.vpd(1, 0xb1)).readUInt16BE(4)).not.toBe(1);
  });
});

describe('lshw of an n2-standard-4 with a UEFI and 16 GiB (December 2021)', () => {
  const options = {
    vcpus: 4,
    rng: true,
    nics: [{ type: 'virtio' }],
    memory: { below4G: 3 * 2 ** 30 },
  } satisfies MachineOptions;

  test.each([
    ['Virtio SCSI', ADAPTER, [0xc040, 64], [0xc000_1000, 128]],
    ['Virtio network device', NIC, [0xc000, 64], [0xc000_0000, 256]],
    ['Virtio RNG', 5 << 3, [0xc080, 32], [0xc000_2000, 64]],
  ])('%s: ioport and memory', (_name, bdf, ...listed) => {
    const bars = sizeBars(gceN2(options).port, bdf).map(({ address, size }) => [address, size]);

    expect(bars).toEqual(listed);
  });
});

describe('a survey of an e2-standard-4 (Debian 12, May 2026)', () => {
  test('queues: rx-0 to rx-3 and tx-0 to tx-3', () => {
    const machine = gceN1({ vcpus: 4 });
    const at = base(machine, NIC);
    const sizes = Array.from({ length: 10 }, (_, queue) => {
      machine.port.out(at + QUEUE_SELECT, queue, 2);
      return machine.port.in(at + QUEUE_SIZE, 2);
    });

    // Eight and the control queue.
    expect(sizes.indexOf(0)).toBe(9);
    expect(machine.port.in(at + CONFIG + 8, 2)).toBe(4);
  });

  test('bus-info: 0000:00:04.0; sda, sdb and sdc are SCSI disks', () => {
    const machine = gceN1({ disks: [{ bytes: 512 }, { bytes: 512 }, { bytes: 512 }] });

    const disks = machine.attach(virtioScsiDriver).scan();

    expect(configRead(machine.port, NIC, 0, 4)).toBe(0x1000_1af4);
    expect(disks.map(({ inquiry: { vendor, product } }) => `${vendor} ${product}`)).toEqual(
      new Array(3).fill('Google PersistentDisk'),
    );
  });
});

describe('the disk as others described it', () => {
  test('openebs/node-disk-manager, issues 176 and 222, pull request 375: SPC-4, "1   ", the second at 0:0:2:0', () => {
    const host = gceN1({ disks: [{ bytes: 512 }, { bytes: 512 }] }).attach(virtioScsiDriver);

    const { data } = host.execute(1, 0, inquiry(36));

    expect([data[2], text(data, 32, 36)]).toEqual([6, '1   ']);
    expect(host.scan().map(({ target, lun }) => [target, lun])).toContainEqual([2, 0]);
  });

  // OpenBSD names a disk by page 83's NAA, EUI-64 or T10 designators of the logical unit, else by page 80: "serial.".
  test('a handbook of OpenBSD on Compute Engine: serial.Google_PersistentDisk_', () => {
    const host = diskOf();
    const page83 = host.vpd(1, 0x83);
    const [association, type] = [page83[5]! & 0x30, page83[5]! & 0x0f];

    expect([page83[3], association, type]).toEqual([4 + page83[7]!, 0, 0]);
    expect(text(host.vpd(1, 0x80), 4)).toMatch(/^ +$/);
  });

  test('kubernetes-csi/csi-proxy, pull request 155: "Google  persistent-disk-0" in page 83, a serial number of 20 spaces', () => {
    const host = diskOf({ disks: [{ bytes: 512, designator: 't10' }] });

    expect(text(host.vpd(1, 0x83), 8)).toBe('Google  persistent-disk-0');
    expect(text(host.vpd(1, 0x80), 4)).toBe(' '.repeat(20));
  });

  test('Linux, on every boot: Mode Sense: 1f 00 00 08; write cache: enabled, read cache: enabled, no DPO or FUA', () => {
    const { data } = diskOf().execute(1, 0, modeSense6(0x3f, 255));
    // The header's last byte: a block descriptor lies between.
    const caching = data.subarray(4 + data[3]!);

    expect([...data.subarray(0, 4)]).toEqual([0x1f, 0x00, 0x00, 0x08]);
    // Page 8: WCE is bit 2 of its third byte, RCD bit 0. DPOFUA is bit 4 of the header's third.
    expect([caching[0]! & 0x3f, caching[2]! & 0x05, data[2]! & 0x10]).toEqual([0x08, 0x04, 0]);
  });

  test('fdisk, on many machines: 512 and 4096 bytes a sector, 4096 and 4096 bytes of I/O', () => {
    const { blockLength, physicalBlockLength } = diskOf().readCapacity(1);

    // Without sizes of page B0, Linux and fdisk take the physical block for both sizes of I/O.
    expect([blockLength, physicalBlockLength]).toEqual([512, 4096]);
  });

  test('Linux 5.10 and 6.0: no "Preferred minimum I/O size", no "Optimal transfer size"', () => {
    const limits = Buffer.from(diskOf().vpd(1, 0xb0));

    // Optimal transfer length granularity and optimal transfer length: any other number is printed.
    expect([limits.readUInt16BE(6), limits.readUInt32BE(12)]).toEqual([0, 0]);
  });

  test('nanos, commit 8466c123 (August 2022): at most 512 blocks in one transfer', () => {
    expect(Buffer.from(diskOf().vpd(1, 0xb0)).readUInt32BE(8)).toBe(512);
  });

  test('UEFI of 2023 (gcpdiag, test-data/gce2): "Google PersistentDisk " at Pci(0x3,0x0)/Scsi(0x1,0x0)', () => {
    const machine = gceN1();
    const [disk] = machine.attach(virtioScsiDriver).scan();
    const { data } = diskOf().execute(1, 0, inquiry(36));

    // EDK II joins vendor and product and leaves one of several spaces.
    expect(text(data, 8, 32).replaceAll(/ +/g, ' ')).toBe('Google PersistentDisk ');
    expect(configRead(machine.port, ADAPTER, 0, 4)).toBe(0x1004_1af4);
    expect([disk!.target, disk!.lun]).toEqual([1, 0]);
  });

  test('gce-disk-naming.rules of guest-configs: the vendor is Google, and page 83 ends with the device name', () => {
    const host = diskOf({ disks: [{ bytes: 512, name: 'data-1' }] });

    expect(host.inquiry(1)!.vendor).toBe('Google');
    expect(text(host.vpd(1, 0x83))).toMatch(/data-1$/);
  });

  test('/dev/disk/by-id/scsi-0Google_PersistentDisk_data-1: the name is of type 0, and alone', () => {
    const page = diskOf({ disks: [{ bytes: 512, name: 'data-1' }] }).vpd(1, 0x83);

    // Code set ASCII, association with the unit and type 0, six bytes.
    expect([...page.subarray(4, 8)]).toEqual([2, 0, 0, 6]);
    expect(text(page.subarray(8))).toBe('data-1');
  });
});

describe('machines of the third generation', () => {
  // canonical/tdx, issue 312: MADT bf172000 to bf172095. TDX's firmware adds a structure for waking processors, of 16 bytes.
  test('MADT of a C3 with four CPUs, a TDX guest (February 2025)', () => {
    const madt = gceC3({ vcpus: 4 }).chassis.tables.find(({ name }) => name === 'APIC')!;

    expect(madt.bytes.length).toBe(0x96 - 16);
  });

  // ipxe, issue 1345: "net0: using gve on 0000:00:03.0", "net1: using gve on 0000:00:04.0".
  test.each([
    ['C3', gceC3],
    ['C4', gceC4],
  ])('two gVNICs of iPXE on a Xeon 8581C (November 2024), on a %s', (_name, create) => {
    const { functions } = create({ nics: [{}, {}] });
    const places = functions.flatMap(({ name, bdf }) => (name.startsWith('net') ? [bdf >> 3] : []));

    expect(places).toEqual([3, 4]);
  });
});
