import { beforeAll, describe, expect, test } from 'vitest';
import { runTogether } from '../../src/hosts/v86/index.ts';
import { Clock, gceN1, gceNetwork, Hub, renderFinding } from '../../src/index.ts';
import { busyboxHost, saidBy } from './busybox.ts';
import { onReport, RAM } from './guest.ts';

const LIMIT = 600_000_000_000;
const MIB = 64;
const PAIRS = 4;
/** Each asks the other until that listens, and then stays: what it sent may be under way yet. */
const todo = (own: string, other: string) => `
ifconfig eth1 ${own} netmask 255.255.255.0 mtu 1460 up
head -c ${MIB}M /dev/urandom > /tmp/bytes
echo "report: sent $(md5sum < /tmp/bytes)"
nc -l -p 9000 -e cat /tmp/bytes &
until nc ${other} 9000 < /dev/null > /tmp/got 2> /dev/null; do :; done
echo "report: received $(md5sum < /tmp/got)"
echo "report: done"
cat
`;
const [LEFT, RIGHT] = ['192.168.7.1', '192.168.7.2'];

/** A Linux that does what its own network says, and has a second card on the hub. */
async function hostOn(clock: Clock, hub: Hub, own: string, other: string) {
  const network = gceNetwork({
    metadata: { instance: { attributes: { 'startup-script': todo(own, other) } } },
  });
  const nics = [
    { backend: network, queues: PAIRS },
    { backend: hub.port(own), queues: PAIRS, mac: `42:01:c0:a8:07:0${own.at(-1)}` },
  ];
  return busyboxHost(gceN1({ clock, memory: { below4G: RAM }, disks: [], nics }));
}

describe(`two Linux on one hub, with ${PAIRS} queue pairs each`, () => {
  let said: Map<string, string>[];
  let findings: string[];

  beforeAll(async () => {
    const [clock, hub] = [new Clock(), new Hub()];
    const hosts = [await hostOn(clock, hub, LEFT, RIGHT), await hostOn(clock, hub, RIGHT, LEFT)];
    let left = hosts.length;
    for (const { machine } of hosts)
      onReport(machine, 'done\r', () => {
        left--;
        console.log(process.cpuUsage(), clock.now / 1e9);
      });
    await runTogether(hosts, { limit: LIMIT, until: () => left === 0 });
    for (const host of hosts) await host.close();
    const machines = hosts.map(({ machine }) => machine);
    said = machines.map(saidBy);
    findings = machines.flatMap((machine) => machine.findings.map((finding) => renderFinding(finding)));
    console.log(
      findings,
      machines.map((m) => m.serial[0]!.text.slice(-600)),
    );
  });

  test.each([
    ['the left', 0, 1],
    ['the right', 1, 0],
  ] as const)(`%s receives ${MIB} MiB as the other sent them`, (_side, to, from) => {
    expect(said[to]!.get('received')).toBe(said[from]!.get('sent'));
    expect(said[to]!.get('received')).toMatch(/^[0-9a-f]{32} {2}-$/);
  });
});
