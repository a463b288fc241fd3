import { rmSync, symlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { PROFILE_NAMES } from '../machine/profiles.ts';
import { COOKIE, dhcp, TYPE } from '../net/gce/dhcp/message.ts';
import { answer, Guest, SERVER } from '../net/gce/guest-rig.ts';
import { gceNetwork } from '../net/gce/index.ts';
import { bootNetwork } from './boot-network.ts';
import { openForwards } from './forward.ts';
import { bootMachine } from './on-machine.ts';
import { freePort, guestrig, inFolderOf } from './rig.ts';

inFolderOf({
  'more.json': '{ "instance": { "attributes": { "greeting": "hello" } } }',
  'bad.json': '{ "instance": { "name": null } }',
  'broken.json': '{',
  'served/pxe/menu.ipxe': '#!ipxe',
  'options.json':
    '{ "vcpus": 4, "nics": [{ "mac": "42:01:0a:84:00:07", "queues": 1 }, {}], "disks": [{ "bytes": 1048576, "name": "boot" }] }',
});

describe('--net gce', () => {
  test("puts a network behind the first NIC, with the machine's options in its metadata", () => {
    const { machine, network } = bootMachine(
      { net: 'gce', metadata: 'more.json', options: 'options.json' },
      () => {},
    );
    machine.close();
    const told = [
      'network-interfaces/0/ip',
      'network-interfaces/0/mac',
      'machine-type',
      'disks/0/device-name',
    ];
    expect(told.map((path) => network?.metadata.get(`instance/${path}`))).toEqual([
      '10.132.0.7',
      '42:01:0a:84:00:07',
      'projects/123456789012/machineTypes/n1-standard-4',
      'boot',
    ]);
    expect(network?.metadata.get('instance/attributes/greeting')).toBe('hello');
    expect(machine.nics).toHaveLength(2);
  });

  test.each(PROFILE_NAMES)('is that of a machine %s', (profile) => {
    const { metadata } = bootNetwork({ net: 'gce', profile }, {})!;

    // Compute Engine has none of QEMU's name.
    const series = profile.replace('qemu-pc', 'gce-n1').replace('gce-', '');
    expect(metadata.get('instance/machine-type')).toMatch(new RegExp(`/machineTypes/${series}-standard-1$`));
  });

  test('serves the files of a folder by HTTP and TFTP, and names the one to boot', () => {
    const guest = new Guest(bootNetwork({ net: 'gce', serve: 'served', bootFile: 'pxe/menu.ipxe' }, {})!);

    const [block] = guest.ask(SERVER, 69, Buffer.from('\0\u0001pxe/menu.ipxe\0octet\0'));
    const page = guest.talk('10.128.0.9', 80, 'GET /pxe/menu.ipxe HTTP/1.1\r\nHost: a\r\n\r\n');
    const asked = dhcp.encode({ op: 1, htype: 1, hlen: 6, xid: 77, cookie: COOKIE });
    const [offer] = guest.ask(
      '255.255.255.255',
      67,
      Uint8Array.of(...asked, 0, 53, 1, TYPE.DISCOVER, 255),
      68,
    );

    expect([Buffer.from(block!.subarray(4)).toString(), answer(page)]).toEqual(['#!ipxe', [200, '#!ipxe']]);
    expect(Buffer.from(offer!).toString('latin1')).toContain('pxe/menu.ipxe');
  });

  test('names a link of that folder that leads nowhere', async () => {
    symlinkSync('gone', 'served/dangling');

    const { status, err } = await guestrig(
      'boot',
      '--kernel',
      'more.json',
      '--net',
      'gce',
      '--serve',
      'served',
    );
    rmSync('served/dangling');

    expect([status, err]).toEqual([2, 'serve served/dangling: no such file\n']);
  });

  test.each([
    [['--serve', 'served'], '--serve: goes with --net gce\n'],
    [['--boot-file', 'a'], '--boot-file: goes with --net gce\n'],
    [['--net', 'gce', '--serve', 'none'], 'serve none: no such file\n'],
    [['--metadata', 'more.json'], '--metadata: goes with --net gce\n'],
    [['--forward', '2222:22'], '--forward: goes with --net gce\n'],
    [['--net', 'lan'], /^--net must be gce, or hub: with a name \(example hub:lan\); got "lan"\n$/],
    [['--net', 'hub:a/b'], /^--net must be gce, or hub: with a name \(example hub:lan\); got "hub:a\/b"\n$/],
    [['--net', 'hub:lan', '--metadata', 'more.json'], '--metadata: goes with --net gce\n'],
    [['--net', 'gce', '--forward', '22'], /^--forward must be HOST:GUEST, two ports /],
    [['--net', 'gce', '--forward', '0:22'], /^--forward must be HOST:GUEST, two ports /],
    [['--net', 'gce', '--metadata', 'no.json'], 'metadata no.json: no such file\n'],
    [['--net', 'gce', '--metadata', 'broken.json'], /^metadata broken\.json: not JSON: /],
    [
      ['--net', 'gce', '--metadata', 'bad.json'],
      /^metadata bad\.json: .*\['name'\] must be a string, .*; got null/,
    ],
  ])('%j is misuse', async (argv, message) => {
    // A guest is needed, too: its file is checked after all options.
    const { status, err } = await guestrig('boot', '--kernel', 'more.json', ...argv);
    expect([status, err]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('a forwarded port', () => {
  let close = () => {};
  afterEach(() => close());

  /** Lets the guest's time pass until the client is done, and returns what it received. */
  async function heardBy(client: Socket, guest: Guest): Promise<string> {
    let text = '';
    let done = false;
    client.on('data', (bytes) => {
      text += bytes;
    });
    client.on('close', () => {
      done = true;
    });
    while (!done) {
      guest.pass(0.01);
      await new Promise(setImmediate);
    }
    return text;
  }

  async function forwarded(): Promise<{ readonly guest: Guest; readonly client: Socket }> {
    const network = gceNetwork();
    const guest = new Guest(network);
    const host = await freePort();
    close = await openForwards(network, [{ host, guest: 22 }]);
    return { guest, client: connect(host, '127.0.0.1') };
  }

  test('leads to the guest and back, until both are done', async () => {
    const { guest, client } = await forwarded();
    guest.listener = (socket) => {
      socket.write('SSH-2.0-guest\n');
      socket.onData = (bytes) => socket.write(`heard ${Buffer.from(bytes)}`);
      socket.onEnd = () => socket.end();
    };
    client.end('hello');
    expect(await heardBy(client, guest)).toBe('SSH-2.0-guest\nheard hello');
  });

  test('ends at once where the guest refuses it', async () => {
    const { guest, client } = await forwarded();
    expect(await heardBy(client, guest)).toBe('');
  });

  test('that is taken is the caller’s mistake', async () => {
    const network = gceNetwork();
    const host = await freePort();
    close = await openForwards(network, [{ host, guest: 22 }]);
    await expect(openForwards(network, [{ host, guest: 22 }])).rejects.toThrow(/^--forward: .*EADDRINUSE/);
  });
});
