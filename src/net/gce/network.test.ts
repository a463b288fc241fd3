import { describe, expect, test } from 'vitest';
import { MisuseError } from '../../core/misuse.ts';
import { Impaired } from '../backends/impaired.ts';
import { macOf } from '../stack/address.ts';
import type { TcpSocket } from '../stack/tcp/socket.ts';
import { answer, Guest, get, SERVER } from './guest-rig.ts';
import { frameOf6, ipv6Of } from './ipv6/packet.ts';
import { nameBytes } from './name.ts';
import { gceNetwork } from './network.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
const ELSEWHERE = '10.9.8.7';

describe('what a test serves', () => {
  test('by HTTP is at every address but the metadata server’s', () => {
    const network = gceNetwork();
    network.http('/ignition', bytes('{}'));
    network.http('/echo', ({ method, query, body }, respond) =>
      respond({ status: 201, body: `${method} ${query.get('a')} ${Buffer.from(body)}` }),
    );
    const guest = new Guest(network);
    const ask = (address: string, text: string) => answer(guest.talk(address, 80, text));
    expect([
      ask(ELSEWHERE, 'GET /ignition HTTP/1.0\r\n\r\n'),
      ask(ELSEWHERE, 'POST /echo?a=1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi'),
      ask(ELSEWHERE, 'GET /nothing HTTP/1.1\r\n\r\n'),
      ask(ELSEWHERE, 'DELETE /ignition HTTP/1.1\r\n\r\n')[0],
      ask(SERVER, 'GET /ignition HTTP/1.1\r\nMetadata-Flavor: Google\r\n\r\n')[0],
    ]).toEqual([[200, '{}'], [201, 'POST 1 hi'], [404, '/nothing is not here\n'], 405, 404]);
  });

  test('by TCP answers', () => {
    const network = gceNetwork();
    network.tcp(7, (socket) => {
      socket.onData = (got) => socket.write(got);
      socket.onEnd = () => socket.end();
    });
    expect(new Guest(network).talk(ELSEWHERE, 7, 'x'.repeat(100_000))).toBe('x'.repeat(100_000));
  });

  test('by UDP receives messages and answers any number of times', () => {
    const network = gceNetwork();
    network.udp(9, ({ from, to, bytes: got }, reply) => {
      reply(bytes(`${from.address}:${from.port}`));
      reply(Uint8Array.of(to.port, ...got));
    });
    expect(new Guest(network).ask(ELSEWHERE, 9, bytes('abc'), 777)).toEqual([
      bytes('10.128.0.2:777'),
      Uint8Array.of(9, ...bytes('abc')),
    ]);
  });

  test('by no handler is refused', () => {
    const guest = new Guest(gceNetwork());
    const heard = [80, 8080].map((port) => guest.open(ELSEWHERE, port, 'x'));
    guest.pass(1);
    expect(heard.map(({ end }) => end)).toEqual(['reset', 'reset']);
  });
});

describe('HTTP', () => {
  const open = (text: string) => new Guest(gceNetwork()).talk(SERVER, 80, text);

  test('answers requests that come together one after the other, on one connection', () => {
    const text = open(get('instance/name') + get('project/project-id') + get('instance/nothing'));
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
  });

  test('stops where the client says that it is the last', () => {
    const text = open(get('instance/name', 'Connection: close\r\n') + get('instance/name'));
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  });

  test.each([
    ['nonsense', 'nonsense\r\n\r\n', 400],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400],
    ['a length that is none', 'PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', 400],
    ['a length above the limit', 'PUT / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n', 413],
    ['a body in chunks', 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n', 411],
    ['a head without an end', 'x'.repeat(70_000), 431],
  ])('refuses %s, and ends', (_, text, status) => {
    const heard = open(text);
    expect([answer(heard)[0], heard.includes('Connection: close')]).toEqual([status, true]);
  });

  test('sends 100 Continue to a client that waits for it', () => {
    const head = get('instance/guest-attributes/a/b', 'Content-Length: 1\r\nExpect: 100-continue\r\n', 'PUT');
    expect(open(head)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });
});

describe('a connection to the guest', () => {
  test('opens when the guest answers, and carries both ways', async () => {
    const network = gceNetwork();
    const guest = new Guest(network);
    guest.listener = (socket) => socket.write('SSH-2.0-x\r\n');
    const opening = network.connect(22);
    guest.pass(1);
    const socket = await opening;
    const told: string[] = [];
    socket.onData = (got) => told.push(`${Buffer.from(got)}`);
    expect([told, socket.remote]).toEqual([['SSH-2.0-x\r\n'], { address: '10.128.0.2', port: 22 }]);
  });

  test('is refused by a port without a listener', async () => {
    const network = gceNetwork();
    const guest = new Guest(network);
    const opening = network.connect(23);
    guest.pass(1);
    await expect(opening).rejects.toThrow("the guest's port 23: reset");
  });

  test('ends when the NIC is detached', async () => {
    const network = gceNetwork();
    const guest = new Guest(network);
    let taken: TcpSocket | null = null;
    guest.listener = (socket) => {
      taken = socket;
    };
    const opening = network.connect(22);
    guest.pass(1);
    const socket = await opening;
    const told: string[] = [];
    socket.onClose = (why) => told.push(why);
    network.attach(null);
    expect([told, taken === null]).toEqual([['timeout'], false]);
  });

  test('ends so on a wire that is already gone, along with waiting requests and file transfers', () => {
    const network = gceNetwork();
    network.tftp('a', new Uint8Array(600));
    const wire = new Impaired(network);
    const guest = new Guest(wire);
    const heard = guest.open(SERVER, 80, get('instance/name?wait_for_change=true&timeout_sec=5'));
    guest.ask(SERVER, 69, bytes('\0\x01a\0octet\0'));
    guest.pass(1);
    wire.attach(null);
    guest.pass(10);
    expect(heard.text).toBe('');
  });
});

describe('the wire', () => {
  const FRAME = {
    arp: (target: string) =>
      Buffer.from(
        `ffffffffffff42010a8000020806000108000604000142010a8000020a800002000000000000${target}`,
        'hex',
      ),
  };

  test('answers for every address but the guest’s own', () => {
    const network = gceNetwork();
    const guest = new Guest(network);
    for (const target of ['0a800001', '08080808', '0a800002']) network.send(FRAME.arp(target));
    expect(guest.frames.map((frame) => Buffer.from(frame.subarray(22, 32)).toString('hex'))).toEqual([
      '42010a8000010a800001',
      '42010a80000108080808',
    ]);
  });

  test.each([
    ['the metadata server', [169, 254, 169, 254], 1],
    ['any address', [8, 8, 8, 8], 1],
    ['the gateway', [10, 128, 0, 1], 0],
  ])('has an echo of %s or not', (_, destination, count) => {
    const guest = new Guest(gceNetwork());
    const payload = Uint8Array.from(Buffer.from('08008f93000100026869', 'hex'));
    guest.put({
      source: 0x0a80_0002,
      destination: Buffer.from(destination).readUInt32BE(),
      protocol: 1,
      payload,
    });
    expect(guest.frames).toHaveLength(count);
  });

  test('serves names at the metadata server, and nowhere else', () => {
    const guest = new Guest(gceNetwork({ hosts: { 'Files.example': '10.0.0.5' } }));
    const question = Uint8Array.of(
      0,
      1,
      1,
      0,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      ...nameBytes('files.example'),
      0,
      1,
      0,
      1,
    );
    expect(
      [SERVER, ELSEWHERE].map((address) => guest.ask(address, 53, question).map((one) => [...one.slice(-4)])),
    ).toEqual([[[10, 0, 0, 5]], []]);
  });

  test('has IPv6 only if enabled', () => {
    const link = { source: macOf(0x0a80_0002), destination: macOf(0x0a80_0001) };
    const [source, destination] = [ipv6Of('guest', 'fe80::1'), ipv6Of('routers', 'ff02::2')];
    const solicitation = {
      source,
      destination,
      protocol: 58,
      payload: Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0),
    };
    const networks = [gceNetwork({ ipv6: true }), gceNetwork({ ipv6: 'fd20::9' }), gceNetwork()];
    const guests = networks.map((network) => new Guest(network));
    for (const network of networks) network.send(frameOf6(link, solicitation));
    expect(guests.map(({ frames }) => frames.length)).toEqual([1, 1, 0]);
    expect(networks.map(({ leased6 }) => leased6)).toEqual([false, false, false]);
  });

  test('is for frames of any shape', () => {
    const network = gceNetwork();
    const guest = new Guest(network);
    for (let length = 0; length < 60; length++) network.send(new Uint8Array(length).fill(0x45));
    expect(guest.frames).toEqual([]);
  });
});

describe('a mistake of the caller', () => {
  test.each<[string, () => unknown]>([
    ['gceNetwork', () => gceNetwork(null as never)],
    ['gceNetwork.address', () => gceNetwork({ address: '10.128.0' })],
    ['gceNetwork.address', () => gceNetwork({ address: '10.128.0.1' })],
    ['gceNetwork.gateway', () => gceNetwork({ gateway: 'x' })],
    ['gceNetwork.mtu', () => gceNetwork({ mtu: 500 })],
    ['gceNetwork.name', () => gceNetwork({ name: 'a b' })],
    ['gceNetwork.hosts', () => gceNetwork({ hosts: [] as never })],
    ["gceNetwork.hosts['a']", () => gceNetwork({ hosts: { a: 'b' } })],
    ['gceNetwork.metadata', () => gceNetwork({ metadata: 'x' as never })],
    ['gceNetwork.bootFile', () => gceNetwork({ bootFile: 'x'.repeat(256) })],
    ['gceNetwork.ipv6', () => gceNetwork({ ipv6: 'fd20' })],
    ['gceNetwork.disks', () => gceNetwork({ disks: 'x' as never })],
    ['tcp.port', () => gceNetwork().tcp(0, () => undefined)],
    ['tcp.handler', () => gceNetwork().tcp(1, 'x' as never)],
    ['udp.port', () => gceNetwork().udp(65_536, () => undefined)],
    ['http.path', () => gceNetwork().http('ignition', '{}')],
    ['http.page', () => gceNetwork().http('/ignition', {} as never)],
    ['tftp.name', () => gceNetwork().tftp('', new Uint8Array(0))],
    ['tftp.bytes', () => gceNetwork().tftp('a', 'x' as never)],
    ['connect.port', () => gceNetwork().connect(1.5)],
    ['network', () => gceNetwork().connect(22)],
  ])('is reported: %s', (path, act) => {
    expect(act).toThrow(MisuseError);
    expect(act).toThrow(`${path} must be `);
  });
});
