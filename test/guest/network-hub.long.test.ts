import { beforeAll, describe, expect, test } from 'vitest';
import { runTogether } from '../../src/hosts/v86/index.ts';
import { Clock, gceN1, gceNetwork, Hub, type Machine } from '../../src/index.ts';
import { repeats } from '../repeats.ts';
import { busyboxHost, digestOf, randomBytes, saidBy } from './busybox.ts';
import { onReport } from './guest.ts';

const LIMIT = 600_000_000_000;
const BYTES = repeats(16, 64) << 20;
/** Half of it is for files: sent and received data are files. */
const RAM = 384 << 20;
const PAIRS = 4;
const PORT = 9000;
const MULTIPLE_QUEUES = 22;

interface Side {
  readonly own: string;
  readonly other: string;
  /** Of the card on the hub. */
  readonly mac: string;
  /** The data that this side sends. */
  readonly bytes: Uint8Array;
}

const LEFT: Side = {
  own: '192.168.7.1',
  other: '192.168.7.2',
  mac: '42:01:c0:a8:07:01',
  bytes: randomBytes(BYTES, 1),
};
const RIGHT: Side = {
  own: LEFT.other,
  other: LEFT.own,
  mac: '42:01:c0:a8:07:02',
  bytes: randomBytes(BYTES, 2),
};

/** Each asks the other until it listens, and then stays: its data may still be in flight. */
const todo = ({ own, other }: Side) => `
ifconfig eth1 ${own} netmask 255.255.255.0 mtu 1460 up
wget -q -O /tmp/bytes http://10.3.2.1/bytes
nc -l -p ${PORT} -e cat /tmp/bytes &
until nc ${other} ${PORT} < /dev/null > /tmp/got 2> /dev/null; do :; done
echo "report: received $(md5sum < /tmp/got)"
echo "report: features $(cat /sys/class/net/eth1/device/features)"
echo "report: done"
cat
`;

/** A machine with a card on a network of its own, which gives the instructions, and one on the hub. */
function machineOn(clock: Clock, hub: Hub, side: Side): Machine {
  const network = gceNetwork({ metadata: { instance: { attributes: { 'startup-script': todo(side) } } } });
  network.http('/bytes', side.bytes);
  const nics = [{ backend: network }, { backend: hub.port(side.own), queues: PAIRS, mac: side.mac }];
  return gceN1({ clock, memory: { below4G: RAM }, disks: [], nics });
}

describe(`two Linux on one hub, with ${PAIRS} queue pairs offered`, () => {
  let machines: Machine[];

  beforeAll(async () => {
    const [clock, hub] = [new Clock(), new Hub()];
    machines = [LEFT, RIGHT].map((side) => machineOn(clock, hub, side));
    let busy = machines.length;
    for (const machine of machines)
      onReport(machine, 'done\r', () => {
        busy--;
      });
    const hosts = [await busyboxHost(machines[0]!), await busyboxHost(machines[1]!)];
    await runTogether(hosts, { limit: LIMIT, until: () => busy === 0 });
    for (const host of hosts) await host.close();
  });

  test.each([
    ['the left', 0, RIGHT],
    ['the right', 1, LEFT],
  ] as const)('%s receives all bytes as the other sent them', (_side, at, { bytes }) => {
    expect(saidBy(machines[at]!).get('received')).toBe(digestOf('md5', bytes));
  });

  test('both take several queues', () => {
    const features = machines.map((machine) => saidBy(machine).get('features')!);

    expect(features.map((bits) => bits[MULTIPLE_QUEUES])).toEqual(['1', '1']);
  });

  test('both break no rule of ours that says must or should', () => {
    const broken = machines.flatMap(({ findings }) => findings.filter(({ severity }) => severity !== 'note'));

    expect(broken).toEqual([]);
  });
});
