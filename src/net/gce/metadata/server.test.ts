import { describe, expect, test } from 'vitest';
import { answer, Guest, get, SERVER } from '../guest-rig.ts';
import { type GceNetwork, gceNetwork } from '../network.ts';

const ask = (network: GceNetwork, text: string) => new Guest(network).talk(SERVER, 80, text);
const read = (path: string, network = gceNetwork()) => answer(ask(network, get(path)));
const headers = (text: string) => text.split('\r\n\r\n')[0]!.split('\r\n');

describe('a key', () => {
  test.each([
    ['instance/hostname', 'instance-1.us-central1-a.c.project-1.internal'],
    ['instance/name', 'instance-1'],
    ['instance/zone', 'projects/123456789012/zones/us-central1-a'],
    ['instance/machine-type', 'projects/123456789012/machineTypes/n1-standard-1'],
    ['instance/network-interfaces/0/ip', '10.128.0.2'],
    ['instance/network-interfaces/0/mac', '42:01:0a:80:00:02'],
    ['instance/network-interfaces/0/mtu', '1460'],
    ['instance/network-interfaces/0/gateway', '10.128.0.1'],
    ['instance/network-interfaces/0/dns-servers', SERVER],
    ['instance/disks/0/device-name', 'persistent-disk-0'],
    ['instance/tags', '[]'],
    ['project/project-id', 'project-1'],
    ['instance/tags?alt=json', '[]'],
    ['instance/name?alt=json', '"instance-1"'],
  ])('%s is returned unchanged', (path, value) => {
    expect(read(path)).toEqual([200, value]);
  });

  test.each([
    ['e2', 'e2-standard-4', 'SCSI'],
    ['c3', 'c3-standard-4', 'NVME'],
    ['c4', 'c4-standard-4', 'NVME'],
    ['t2a', 't2a-standard-4', 'NVME'],
  ] as const)('tells the series %s, and how its disks are there', (series, type, how) => {
    const network = gceNetwork({ series, vcpus: 4 });

    expect(read('instance/machine-type', network)[1]).toBe(`projects/123456789012/machineTypes/${type}`);
    expect(read('instance/disks/0/interface', network)).toEqual([200, how]);
  });

  test('that is not there is not found, nor is a folder below a value', () => {
    const paths = ['instance/nothing', 'instance/name/', 'instance/disks/7/', 'instance/%zz', '../x'];
    expect(paths.map((path) => read(path)[0])).toEqual([404, 404, 404, 404, 404]);
  });

  test('comes with the server’s name and a tag', () => {
    expect(headers(ask(gceNetwork(), get('instance/name')))).toEqual([
      'HTTP/1.1 200 OK',
      'Metadata-Flavor: Google',
      'Content-Type: application/text',
      expect.stringMatching(/^ETag: [0-9a-f]{16}$/),
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Server: Metadata Server for VM',
      'Content-Length: 10',
      'X-XSS-Protection: 0',
      'X-Frame-Options: SAMEORIGIN',
    ]);
  });

  test('is described by HEAD, without its bytes', () => {
    const text = ask(gceNetwork(), get('instance/name', '', 'HEAD'));
    expect([headers(text), text.endsWith('\r\n\r\n')]).toEqual([
      expect.arrayContaining(['Content-Length: 10']),
      true,
    ]);
  });
});

describe('a folder', () => {
  const metadata = { instance: { attributes: { 'my-key': 'v', list: ['a', { b: 1 }] } } };

  test('is listed, folders in it with a slash', () => {
    expect(read('instance/network-interfaces/0/access-configs/0/')).toEqual([200, 'external-ip\ntype\n']);
    expect(read('project/')[1]).toBe('attributes/\nnumeric-project-id\nproject-id\n');
  });

  test('without its slash is redirected', () => {
    const text = ask(gceNetwork(), get('instance/disks?recursive=true'));
    expect(headers(text)).toContain(
      'Location: http://metadata.google.internal/computeMetadata/v1/instance/disks/?recursive=true',
    );
    expect(answer(text)[0]).toBe(301);
  });

  test('comes whole as JSON, its own names in camel case and the user’s as they are', () => {
    const [, body] = read('instance/?recursive=true', gceNetwork({ metadata }));
    expect(JSON.parse(body)).toMatchObject({
      machineType: 'projects/123456789012/machineTypes/n1-standard-1',
      networkInterfaces: [{ dnsServers: [SERVER], mtu: 1460 }],
      attributes: { 'my-key': 'v', list: ['a', { b: 1 }] },
    });
  });

  test('comes whole as text, a line for each value', () => {
    const network = gceNetwork({ metadata });
    expect(read('instance/attributes/?recursive=true&alt=text', network)[1]).toBe(
      'enable-guest-attributes TRUE\nlist/0 a\nlist/1/b 1\nmy-key v\n',
    );
  });

  test.each([
    ['/', 'computeMetadata/\n'],
    ['/computeMetadata/', 'v1/\n'],
    ['/computeMetadata/v1/', 'instance/\noslogin/\nproject/\n'],
  ])('%s is above', (path, list) => {
    const text = `GET ${path} HTTP/1.1\r\nMetadata-Flavor: Google\r\n\r\n`;
    expect(answer(ask(gceNetwork(), text))).toEqual([200, list]);
  });
});

describe('a request', () => {
  test.each([
    ['without the header', 'GET /computeMetadata/v1/instance/name HTTP/1.1\r\n\r\n', 403],
    ['with another flavor', get('instance/name').replace('Google', 'google'), 403],
    ['that came by a proxy', get('instance/name', 'X-Forwarded-For: 10.0.0.1\r\n'), 403],
    ['for the root without the header', 'GET / HTTP/1.1\r\n\r\n', 200],
    [
      'with the older header',
      get('instance/name')
        .replace('Flavor: Google', 'Request: True')
        .replace('Metadata-R', 'X-Google-Metadata-R'),
      200,
    ],
    ['that posts', get('instance/name', 'Content-Length: 0\r\n', 'POST'), 405],
    ['that writes what is not its own', get('instance/name', 'Content-Length: 0\r\n', 'PUT'), 405],
  ])('%s', (_, text, status) => {
    const heard = ask(gceNetwork(), text);
    expect([answer(heard)[0], headers(heard)[1]]).toEqual([status, 'Metadata-Flavor: Google']);
  });
});

describe('an error', () => {
  test('of a request without the header is a page, and the end of the connection', () => {
    const text = ask(gceNetwork(), `GET /computeMetadata/v1/ HTTP/1.1\r\n\r\n${get('instance/name')}`);

    expect(headers(text)).toEqual(
      expect.arrayContaining(['Content-Type: text/html; charset=UTF-8', 'Connection: Close']),
    );
    expect(text).toContain('<title>Error 403 (Forbidden)!!1</title>');
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  test('of what is not there is a page, and the connection goes on', () => {
    const text = ask(gceNetwork(), get('instance/nothing') + get('instance/name'));

    expect(text).toContain('<title>Error 404 (Not Found)!!1</title>');
    expect(text).toMatch(/\r\n\r\ninstance-1$/);
  });
});

describe('an attribute of the guest', () => {
  const put = (path: string, value: string) =>
    get(`instance/guest-attributes/${path}`, `Content-Length: ${value.length}\r\n`, 'PUT') + value;

  test('is written, read by both, and deleted', () => {
    const network = gceNetwork();
    const guest = new Guest(network);
    const path = 'instance/guest-attributes/state/ready';
    expect(answer(guest.talk(SERVER, 80, put('state/ready', 'yes')))[0]).toBe(200);
    expect([network.metadata.get(path), answer(guest.talk(SERVER, 80, get(path)))]).toEqual([
      'yes',
      [200, 'yes'],
    ]);
    guest.talk(SERVER, 80, get(path, '', 'DELETE'));
    expect([network.metadata.get(path), answer(guest.talk(SERVER, 80, get(path)))[0]]).toEqual([
      undefined,
      404,
    ]);
  });

  test('is a key in a namespace, and nothing else', () => {
    expect(['key', 'a/b/c', ''].map((path) => answer(ask(gceNetwork(), put(path, 'x')))[0])).toEqual([
      400, 400, 400,
    ]);
  });

  test('is refused where the instance does not allow it', () => {
    const metadata = { instance: { attributes: { 'enable-guest-attributes': 'FALSE' } } };
    expect(answer(ask(gceNetwork({ metadata }), put('a/b', 'x')))[0]).toBe(403);
  });

  test('is limited in size', () => {
    const network = gceNetwork();
    const guest = new Guest(network);
    const statuses = [1, 2, 3, 4, 5].map(
      (key) => answer(guest.talk(SERVER, 80, put(`big/${key}`, 'x'.repeat(1 << 20))))[0],
    );
    expect(statuses).toEqual([200, 200, 200, 413, 413]);
  });
});

describe('a request that waits for a change', () => {
  const path = 'instance/attributes/greeting';
  const network = () => gceNetwork({ metadata: { instance: { attributes: { greeting: 'hello' } } } });
  const wait = (more = '') => get(`${path}?wait_for_change=true${more}`);

  test('is answered when it comes, and for no other', () => {
    const net = network();
    const guest = new Guest(net);
    const heard = guest.open(SERVER, 80, wait());
    guest.pass(100);
    net.metadata.set('instance/attributes/other', 'x');
    guest.pass(100);
    const before = heard.text;
    net.metadata.set(path, 'goodbye');
    guest.pass(1);
    expect([before, answer(heard.text)]).toEqual(['', [200, 'goodbye']]);
  });

  test('is answered at once if its tag is old, and waits if it is current', () => {
    const guest = new Guest(network());
    const etag = /ETag: (\w+)/.exec(guest.talk(SERVER, 80, get(path)))![1];
    const old = guest.talk(SERVER, 80, wait('&last_etag=0'), 1);
    const same = guest.talk(SERVER, 80, wait(`&last_etag=${etag}`), 1);
    expect([answer(old), same]).toEqual([[200, 'hello'], '']);
  });

  test('is answered with the current value at its timeout', () => {
    const guest = new Guest(network());
    const heard = guest.open(SERVER, 80, wait('&timeout_sec=30'));
    guest.pass(29);
    const before = heard.text;
    guest.pass(2);
    expect([before, answer(heard.text)]).toEqual(['', [200, 'hello']]);
  });

  test('is answered for any change below a folder', () => {
    const net = network();
    const guest = new Guest(net);
    const heard = guest.open(SERVER, 80, get('?recursive=true&wait_for_change=true'));
    guest.pass(10);
    net.metadata.set(path, 'goodbye');
    guest.pass(1);
    expect(JSON.parse(answer(heard.text)[1]).instance.attributes.greeting).toBe('goodbye');
  });

  test('is answered when the value is removed', () => {
    const net = network();
    const guest = new Guest(net);
    const heard = guest.open(SERVER, 80, wait());
    guest.pass(1);
    net.metadata.set(path, undefined);
    guest.pass(1);
    expect(answer(heard.text)[0]).toBe(404);
  });
});

describe('an invalid call by a test', () => {
  test.each([
    ['a path', () => gceNetwork().metadata.set('', 'x'), 'metadata.path must be a path'],
    [
      'a value',
      () => gceNetwork().metadata.set('a', null as never),
      "metadata['a'] must be a string, a number, true or false, or a list or object of these; got null",
    ],
    [
      'a tree',
      () => gceNetwork({ metadata: { a: [undefined as never] } }),
      "gceNetwork.metadata['a'][0] is required: a string, a number, true or false, or a list or object of these",
    ],
  ])('is reported: %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
