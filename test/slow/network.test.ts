import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../src/core/bytes-rig.ts';
import { Impaired, Recorder } from '../../src/net/backends/index.ts';
import { PROTOCOL } from '../../src/net/frame/headers.ts';
import { Guest, get, SERVER } from '../../src/net/gce/guest-rig.ts';
import { gceNetwork } from '../../src/net/gce/index.ts';
import { frameOf6, ipv6Of } from '../../src/net/gce/ipv6/packet.ts';
import { macOf } from '../../src/net/stack/address.ts';
import { CaptureWriter } from '../../src/trace/index.ts';
import { workFolder } from './work-folder.ts';

const file = join(workFolder(), 'network.pcapng');
const LINK = { source: macOf(0x0a80_0002), destination: macOf(0x0a80_0001) };

/** A client's message of DHCP: of a type, with further options. */
function dhcp(type: number, more = ''): Uint8Array {
  const head = hex(`01010600 00000077 00000000 ${'00'.repeat(16)} 42010a800002 ${'00'.repeat(202)} 63825363`);
  return Uint8Array.of(...head, ...hex(`3501 0${type} ${more} ff`));
}

/** A message of DHCPv6 from port 546 to 547, its checksum still to be filled in. */
function dhcp6(type: number): Uint8Array {
  const message = hex(`0${type}123456 0001000a 00030001 42010a800002 0003000c 00000007 00000000 00000000`);
  return Uint8Array.of(...hex('0222 0223'), 0, 8 + message.length, 0, 0, ...message);
}

/** tshark's output for the frames that a filter accepts, a line for each. */
function tshark(filter: string, ...fields: string[]): string[] {
  const sums = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const shown =
    fields.length === 0 ? [] : ['-T', 'fields', '-E', 'separator=|', ...fields.flatMap((one) => ['-e', one])];
  const text = execFileSync('tshark', ['-r', file, ...sums, '-Y', filter, ...shown], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.split('\n').filter((line) => line !== '');
}

describe('tshark, given all frames between a guest and the network,', () => {
  beforeAll(() => {
    const fd = openSync(file, 'w');
    const writer = new CaptureWriter((block) => writeSync(fd, block), 'net0');
    const network = gceNetwork({ ipv6: true, bootFile: 'boot/kernel' });
    network.http('/large', new Uint8Array(300_000));
    network.tftp('boot/kernel', new Uint8Array(2000));
    const wire = new Impaired(network, { loss: 0.03, reorder: 0.05, duplicate: 0.03, delay: 1_000_000 });
    const recorder = new Recorder(wire, writer);
    const guest = new Guest(recorder);
    const ask6 = (destination: string, protocol: number, payload: Uint8Array) =>
      recorder.send(
        frameOf6(LINK, {
          source: ipv6Of('own', 'fe80::1'),
          destination: ipv6Of('to', destination),
          protocol,
          payload,
        }),
      );
    guest.ask('255.255.255.255', 67, dhcp(1), 68);
    guest.ask('255.255.255.255', 67, dhcp(3, '3204 0a800002 3604 a9fea9fe'), 68);
    guest.ask('255.255.255.255', 67, dhcp(3, '3204 c0a80005'), 68);
    recorder.send(
      hex('ffffffffffff 42010a800002 0806 0001 0800 06 04 0001 42010a800002 0a800002 000000000000 0a800001'),
    );
    guest.put({
      source: 0x0a80_0002,
      destination: 0x0808_0808,
      protocol: 1,
      payload: hex('0800 8f93 0001 0002 6869'),
    });
    guest.ask(SERVER, 53, hex('0001 0100 0001 0000 0000 0000 08 6d65746164617461 00 0001 0001'));
    guest.ask(SERVER, 53, hex('0002 0100 0001 0000 0000 0000 06 6e6f626f6479 00 0001 0001'));
    guest.ask(SERVER, 69, Uint8Array.of(0, 1, ...Buffer.from('boot/kernel\0octet\0blksize\x001024\0')), 5001);
    ask6('ff02::2', PROTOCOL.ICMPV6, hex('85000000 00000000'));
    ask6('ff02::1:2', PROTOCOL.UDP, dhcp6(1));
    ask6('ff02::1:2', PROTOCOL.UDP, dhcp6(3));
    guest.talk(SERVER, 80, get('?recursive=true') + get('instance/nothing'));
    guest.talk('10.1.2.3', 80, 'GET /large HTTP/1.0\r\n\r\n', 600);
    guest.talk('10.1.2.3', 81, 'refused');
    closeSync(fd);
  });

  test('finds nothing malformed, and no bad checksum', () => {
    const kinds = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6'];
    const bad = kinds.map((kind) => `${kind}.checksum.status == "Bad"`);
    expect(tshark(['_ws.malformed', '_ws.expert.severity == "Error"', ...bad].join(' || '))).toEqual([]);
    expect(tshark('tcp.checksum.status == "Good"').length).toBeGreaterThan(300);
  });

  test('reads leases correctly', () => {
    const facts = ['dhcp.option.dhcp', 'dhcp.ip.your', 'dhcp.option.subnet_mask', 'dhcp.option.router'];
    const more = [
      'dhcp.option.interface_mtu',
      'dhcp.option.domain_name_server',
      'dhcp.option.hostname',
      'dhcp.file',
    ];
    const lease =
      '10.128.0.2|255.255.255.255|10.128.0.1|1460|169.254.169.254|instance-1.us-central1-a.c.project-1.internal|boot/kernel';
    expect([...new Set(tshark('dhcp.type == 2', ...facts, ...more))].sort()).toEqual([
      `2|${lease}`,
      `5|${lease}`,
      '6|0.0.0.0||||||',
    ]);
  });

  test('reads names, files, IPv6 and the metadata server', () => {
    expect(new Set(tshark('dns.flags.response == 1', 'dns.qry.name', 'dns.flags.rcode', 'dns.a'))).toEqual(
      new Set(['metadata|0|169.254.169.254', 'nobody|3|']),
    );
    expect(new Set(tshark('icmpv6.type == 134', 'icmpv6.nd.ra.flag.m', 'icmpv6.opt.mtu'))).toEqual(
      new Set(['True|1460']),
    );
    expect(new Set(tshark('dhcpv6.msgtype in {2,7}', 'dhcpv6.msgtype', 'dhcpv6.iaaddr.ip'))).toEqual(
      new Set(['2|fd20::a80:2', '7|fd20::a80:2']),
    );
    expect(tshark('tftp.opcode == 6', 'tftp.option.name', 'tftp.option.value')[0]).toBe('blksize|1024');
    expect(new Set(tshark('http.response', 'http.response.code'))).toEqual(new Set(['200', '404']));
  });
});
