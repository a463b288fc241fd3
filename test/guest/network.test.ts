import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { V86Host } from '../../src/hosts/v86/index.ts';
import {
  Clock,
  type GceNetwork,
  gceN1,
  gceNetwork,
  Impaired,
  type NetBackend,
  type TcpSocket,
} from '../../src/index.ts';
import { onReport, RAM } from './guest.ts';

const LIMIT = 120_000_000_000;
const BYTES = 4 << 20;
const GREETING = 'instance/attributes/greeting';

/** What Linux is to do once it has its address. It asks for no names: its C library does so by a call that this kernel lacks. */
const TODO = `
say() { echo "report: $*"; }
get() { wget -q -O - --header 'Metadata-Flavor: Google' "http://169.254.169.254/computeMetadata/v1/$1"; }
say address $(ip -o -4 addr show eth0 | awk '{ print $4 }') mtu $(cat /sys/class/net/eth0/mtu)
say route $(ip route)
say echo $(ping -c 1 169.254.169.254 | grep -c 'bytes from') $(ping -c 1 -W 1 10.128.0.1 | grep -c 'bytes from')
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
const BULK = `
wget -q -O /tmp/bytes http://10.3.2.1/bytes
echo "report: received $(sha256sum < /tmp/bytes)"
nc 10.3.2.1 9000 < /tmp/bytes
`;

/** What Linux said of itself on the serial port: `name` → `169.254.169.254`. */
async function boot(
  network: GceNetwork,
  backend: NetBackend,
  todo: string,
  waiting = () => {},
  listening = () => {},
) {
  const built = execFileSync('test/guests/busybox/build.sh', {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const folder = built.trim().split('\n').at(-1)!;
  const [kernel, initrd] = ['vmlinux', 'initrd'].map((name) => readFileSync(join(folder, name))) as [
    Buffer,
    Buffer,
  ];
  network.metadata.set('instance/attributes/startup-script', todo);
  const clock = new Clock();
  const machine = gceN1({ clock, memory: { below4G: RAM }, nics: [{ backend }] });
  onReport(machine, 'waiting\r', () => later(clock, waiting));
  onReport(machine, 'listening\r', () => later(clock, listening));
  const host = await V86Host.create(machine, {
    kernel,
    initrd,
    append: 'console=ttyS0,115200 maxcpus=1 quiet',
  });
  await host.run({ limit: LIMIT });
  await host.close();
  const lines = [...machine.serial[0]!.text.matchAll(/^(?:report: )?(\S+) (.*)\r$/gm)];
  return { machine, said: new Map(lines.map(([, what, how]) => [what!, how!])) };
}

/** A second on, when the guest has begun to do what it said. */
const later = (clock: Clock, act: () => void) => clock.timer('later', act).arm(1_000_000_000);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const randomBytes = (count: number) => {
  const bytes = new Uint8Array(count);
  new Random(7).fill(bytes);
  return bytes;
};

describe('Linux on the network', () => {
  const network = gceNetwork({ metadata: { instance: { attributes: { greeting: 'hello' } } } });
  const kernel = randomBytes(100_000);
  let booted: Awaited<ReturnType<typeof boot>>;
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
    booted = await boot(network, network, TODO, change, () => network.connect(22).then(greet));
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
  ])('says of its %s what there is', (what, how) => {
    expect(booted.said.get(what)).toBe(how);
  });

  test('takes a lease with all that Compute Engine tells of', () => {
    expect(booted.said.get('lease:')).toMatch(
      /^ip=10\.128\.0\.2 mask=32 mtu=1460 router=10\.128\.0\.1 dns=169\.254\.169\.254 ntp=169\.254\.169\.254 lease=86400 host=instance-1\./,
    );
  });

  test('loads a file by TFTP', () => {
    expect(booted.said.get('tftp')).toBe(`${sha256(kernel)}  -`);
  });

  test('tells of itself by an attribute', () => {
    expect(network.metadata.get('instance/guest-attributes/state/ready')).toBe('yes');
  });

  test('is connected to', () => {
    expect(heard).toBe('heard you\n');
  });
});

describe.each([
  ['a good wire', {}],
  [
    'a wire that loses 2 % of all frames, and has others overtaken',
    { loss: 0.02, reorder: 0.05, delay: 200_000 },
  ],
])('Linux on %s', (_, weather) => {
  test('receives 4 MiB and sends them back', async () => {
    const network = gceNetwork();
    const bytes = randomBytes(BYTES);
    const back = createHash('sha256');
    network.http('/bytes', bytes);
    network.tcp(9000, (socket) => {
      socket.onData = (got) => back.update(got);
      socket.onEnd = () => socket.end();
    });

    const { said } = await boot(network, new Impaired(network, weather), BULK);

    expect([said.get('received'), back.digest('hex')]).toEqual([`${sha256(bytes)}  -`, sha256(bytes)]);
  });
});
