import { beforeAll, describe, expect, test } from 'vitest';
import { Clock, type GceNetwork, gceN1, gceNetwork, type TcpSocket } from '../../src/index.ts';
import { busyboxHost, digestOf, randomBytes, saidBy } from './busybox.ts';
import { onReport, RAM } from './guest.ts';

const LIMIT = 120_000_000_000;
const GREETING = 'instance/attributes/greeting';

/**
 * Linux's actions once it has its address. It resolves no names: its C library does so by a call that this kernel lacks.
 */
const TODO = `
say() { echo "report: $*"; }
get() { wget -q -O - --header 'Metadata-Flavor: Google' "http://169.254.169.254/computeMetadata/v1/$1"; }
say address $(ip -o -4 addr show eth0 | awk '{ print $4 }') mtu $(cat /sys/class/net/eth0/mtu)
say route $(ip route)
say echo $(ping -c 1 169.254.169.254 | grep -c 'bytes from') $(ping -c 1 -W 1 10.128.0.1 | grep -c 'bytes from')
features
say hostname $(get instance/hostname)
say listed $(get instance/network-interfaces/0/ | wc -l)
say recursive $(get 'instance/disks/?recursive=true')
say bare $(wget -O - http://169.254.169.254/computeMetadata/v1/instance/hostname 2>&1 | grep -o 'HTTP/1.1 4..')
say waiting
say changed $(get '${GREETING}?wait_for_change=true')
printf 'PUT /computeMetadata/v1/instance/guest-attributes/state/ready HTTP/1.1\\r\\nMetadata-Flavor: Google\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\nyes' | nc 169.254.169.254 80 >/dev/null
tftp -g -r kernel -l /tmp/kernel -b 1400 10.0.0.1
say tftp "$(sha256sum < /tmp/kernel)"
nc -l -p 22 -e sh -c 'read line; echo "heard $line"' &
say listening
wait
`;

/** The reports of Linux, which runs its network's script; the network calls back when it waits and when it listens. */
async function boot(network: GceNetwork, waiting: () => void, listening: () => void) {
  network.metadata.set('instance/attributes/startup-script', TODO);
  const clock = new Clock();
  const machine = gceN1({ clock, memory: { below4G: RAM }, nics: [{ backend: network }] });
  onReport(machine, 'waiting\r', () => later(clock, waiting));
  onReport(machine, 'listening\r', () => later(clock, listening));
  const host = await busyboxHost(machine);
  await host.run({ limit: LIMIT });
  await host.close();
  return saidBy(machine);
}

/** A second later, when the guest does what it reported. */
const later = (clock: Clock, act: () => void) => clock.timer('later', act).arm(1_000_000_000);

describe('Linux on the network', () => {
  const network = gceNetwork({ metadata: { instance: { attributes: { greeting: 'hello' } } } });
  const kernel = randomBytes(100_000);
  let said: Map<string, string>;
  let heard = '';

  beforeAll(async () => {
    network.tftp('kernel', kernel);
    const change = () => network.metadata.set(GREETING, 'goodbye');
    const greet = (socket: TcpSocket) => {
      socket.onData = (bytes) => {
        heard += Buffer.from(bytes);
      };
      socket.onEnd = () => socket.end();
      socket.write('you\n');
    };
    said = await boot(network, change, () => network.connect(22).then(greet));
  });

  test.each([
    ['address', '10.128.0.2/32 mtu 1460'],
    ['route', 'default via 10.128.0.1 dev eth0 10.128.0.1 dev eth0 scope link'],
    ['echo', '1 0'],
    ['hostname', 'instance-1.us-central1-a.c.project-1.internal'],
    ['listed', '11'],
    [
      'recursive',
      '[{"deviceName":"persistent-disk-0","index":0,"interface":"SCSI","mode":"READ_WRITE","type":"PERSISTENT-BALANCED"}]',
    ],
    ['bare', 'HTTP/1.1 403'],
    ['changed', 'goodbye'],
  ])('reports its %s', (what, how) => {
    expect(said.get(what)).toBe(how);
  });

  // Ansible's facts of Ubuntu 20.04 (a public gist, March 2021), each by the name that `ethtool -k` has for it, which sums up
  // one or two of the kernel's. What that Linux called large_receive_offload is rx-gro-hw since Linux 5.15, and
  // udp_fragmentation_offload is gone since 4.14.
  test.each([
    ['rx_checksumming: on [fixed]', 'rx-checksum', 'on [fixed]'],
    ['tx_checksumming, tx_checksum_ip_generic: on', 'tx-checksum-ip-generic', 'on'],
    ['scatter_gather, tx_scatter_gather: on', 'tx-scatter-gather', 'on'],
    ['tcp_segmentation_offload, tx_tcp_segmentation: on', 'tx-tcp-segmentation', 'on'],
    ['tx_tcp6_segmentation: on', 'tx-tcp6-segmentation', 'on'],
    ['tx_tcp_ecn_segmentation: off [fixed]', 'tx-tcp-ecn-segmentation', 'off [fixed]'],
    ['tx_gso_robust: on [fixed]', 'tx-gso-robust', 'on [fixed]'],
    ['large_receive_offload: on', 'rx-gro-hw', 'on'],
    ['highdma: on [fixed]', 'highdma', 'on [fixed]'],
    ['rx_vlan_filter: off [fixed]', 'rx-vlan-filter', 'off [fixed]'],
    ['receive_hashing: off [fixed]', 'rx-hashing', 'off [fixed]'],
  ])('has the features of its card as on Compute Engine: %s', (_fact, feature, state) => {
    expect(said.get(feature)).toBe(state);
  });

  test("takes a lease with all of Compute Engine's options", () => {
    expect(said.get('lease:')).toMatch(
      /^ip=10\.128\.0\.2 mask=32 mtu=1460 router=10\.128\.0\.1 dns=169\.254\.169\.254 ntp=169\.254\.169\.254 lease=86400 host=instance-1\./,
    );
  });

  test('loads a file by TFTP', () => {
    expect(said.get('tftp')).toBe(digestOf('sha256', kernel));
  });

  test('reports itself by an attribute', () => {
    expect(network.metadata.get('instance/guest-attributes/state/ready')).toBe('yes');
  });

  test('is connected to', () => {
    expect(heard).toBe('heard you\n');
  });
});
