import { beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { TCP_FLAGS } from '../../src/net/frame/headers.ts';
import { FloodGuest, type Place } from '../../src/net/gce/flood-rig.ts';
import { type GceNetwork, gceNetwork } from '../../src/net/gce/index.ts';

const MIB = 1 << 20;
const SECOND = 1_000_000_000;
const { ACK, RST } = TCP_FLAGS.mask;
/** The smallest budget: 64 connections, and half a MiB for one that needs much. */
const BUDGET = MIB;
/** Pages that are generated for each request: of a fixed one only its position is kept. */
const PAGE = 64 << 10;
const ELSEWHERE = 0x0a09_0807;
const SERVER = 0xa9fe_a9fe;
const HTTP: Place = { address: ELSEWHERE, port: 80 };
const ECHO: Place = { address: ELSEWHERE, port: 7 };
const BANNER: Place = { address: ELSEWHERE, port: 22 };
const METADATA: Place = { address: SERVER, port: 80 };
const NAMES: Place = { address: SERVER, port: 53 };
const text = (said: string) => new Uint8Array(Buffer.from(said));
const GET = text('GET /made HTTP/1.1\r\n\r\n');
const PUT = text('PUT /made HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n');
const QUERY = Uint8Array.of(0, 26, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8, ...text('metadata'), 0, 0, 1, 0, 1);
const times = (count: number, bytes: Uint8Array) => new Uint8Array(Buffer.concat(Array(count).fill(bytes)));

let network: GceNetwork;
let clock: Clock;
let guest: FloodGuest;
/** The most that was kept after any frame. */
let most: number;

beforeEach(() => {
  network = gceNetwork({ budget: BUDGET });
  clock = new Clock();
  most = 0;
  guest = new FloodGuest((frame) => {
    network.send(frame);
    most = Math.max(most, network.kept);
  });
  network.http('/made', (_request, respond) => respond({ status: 200, body: new Uint8Array(PAGE) }));
  network.http('/page', new Uint8Array(2 * BUDGET));
  network.tcp(ECHO.port, (socket) => {
    socket.onData = (bytes) => socket.write(bytes);
  });
  network.tcp(BANNER.port, (socket) => socket.write(new Uint8Array(PAGE)));
  network.attach({ clock, receive: (frame) => guest.hear(frame) });
});

/** Ports from 2000 on. */
const all = (count: number, act: (port: number) => void) => {
  for (let i = 0; i < count; i++) act(2000 + i);
};

/** Opens a connection and sends bytes, and this many more. */
const begin = (port: number, to: Place, bytes: Uint8Array, more: number) => {
  guest.open(port, to);
  guest.put(port, to, bytes);
  guest.put(port, to, new Uint8Array(more));
};

const FLOODS: readonly (readonly [what: string, flood: () => void])[] = [
  [
    'requests one behind the other, of which no answer is acknowledged',
    () =>
      all(20, (port) => {
        guest.open(port, HTTP);
        guest.put(port, HTTP, times(100, GET));
      }),
  ],
  [
    'names asked for over TCP in the same way',
    () =>
      all(3, (port) => {
        guest.open(port, NAMES);
        guest.put(port, NAMES, times(1500, QUERY));
      }),
  ],
  ['bodies that never end', () => all(40, (port) => begin(port, HTTP, PUT, 30_000))],
  [
    'pages for a reader of a byte at a time',
    () =>
      all(50, (port) => {
        guest.open(port, HTTP, 1);
        guest.put(port, HTTP, GET, 1);
      }),
  ],
  [
    'bytes for an echo that is not read',
    () =>
      all(3, (port) => {
        guest.open(port, ECHO);
        guest.put(port, ECHO, new Uint8Array(MIB / 2));
      }),
  ],
  ['connections that are greeted with much', () => all(50, (port) => guest.open(port, BANNER, 0))],
  [
    'bytes out of order, one a segment',
    () =>
      all(10, (port) => {
        guest.open(port, HTTP);
        for (let i = 0; i < 300; i++)
          guest.say(port, HTTP, { sequence: 1002 + 2 * i, payload: new Uint8Array(1) });
      }),
  ],
  [
    'long requests that wait for a change',
    () =>
      all(40, (port) => {
        guest.open(port, METADATA);
        const head = 'Metadata-Flavor: Google\r\nContent-Length: 30000\r\n\r\n';
        guest.put(
          port,
          METADATA,
          text(`GET /computeMetadata/v1/instance/name?wait_for_change=true HTTP/1.1\r\n${head}`),
        );
        guest.put(port, METADATA, new Uint8Array(30_000));
      }),
  ],
];

describe.each(FLOODS)('%s', (_what, flood) => {
  test('take at most what the network may keep, and leave nothing when their cable is pulled', () => {
    flood();
    network.attach(null);

    expect(most).toBeGreaterThan(BUDGET / 8);
    expect(most).toBeLessThanOrEqual(BUDGET);
    expect(network.kept).toBe(0);
  });

  test('do not keep a proper guest from being served, within seconds', () => {
    flood();

    guest.open(60_000, HTTP);
    guest.put(60_000, HTTP, GET);
    guest.open(60_001, METADATA);
    guest.put(60_001, METADATA, text('GET / HTTP/1.1\r\n\r\n'));
    clock.advance(10 * SECOND);

    expect([guest.heard.get(60_000)! > 1420, guest.heard.get(60_001)! > 0]).toEqual([true, true]);
  });
});

describe('a peer that acknowledges nothing, whatever else it sends,', () => {
  test('is dropped, and nothing is kept of it', () => {
    guest.open(2000, HTTP);
    guest.put(2000, HTTP, GET);

    for (let i = 0; i < 1000; i++) {
      guest.say(2000, HTTP, {});
      clock.advance(SECOND);
    }

    expect([network.kept, guest.flags.get(2000)! & RST]).toEqual([0, RST]);
  });
});

describe('a window', () => {
  test('is closed while much waits to be acknowledged, and opened again', () => {
    guest.open(2000, ECHO);
    guest.put(2000, ECHO, new Uint8Array(MIB));
    const closed = guest.window.get(2000);

    // Received data is acknowledged, and the next waiting data comes.
    for (let i = 0; i < 100; i++)
      guest.say(2000, ECHO, { sequence: guest.taken.get(2000)!, acknowledgment: guest.end(2000) });

    expect([closed, guest.window.get(2000)! > 1000]).toEqual([0, true]);
  });

  test('that others closed is opened when they are gone, without a probe', () => {
    all(40, (port) => begin(port, HTTP, PUT, 30_000));
    begin(60_000, HTTP, PUT, 30_000);
    // Waiting acknowledgments arrive.
    clock.advance(SECOND);
    const closed = guest.window.get(60_000);

    all(40, (port) => guest.say(port, HTTP, { flags: RST, sequence: guest.taken.get(port)! }));

    expect([closed, guest.window.get(60_000)! > 1000]).toEqual([0, true]);
  });
});

test('one connection keeps no more than its share of a large budget', () => {
  const large = gceNetwork();
  const other = new FloodGuest((frame) => large.send(frame));
  large.tcp(ECHO.port, (socket) => {
    socket.onData = (bytes) => socket.write(bytes);
  });
  large.attach({ clock, receive: (frame) => other.hear(frame) });

  other.open(2000, ECHO);
  other.put(2000, ECHO, new Uint8Array(4 * MIB));

  // A MiB of echoes, and as much that waits for its turn; each segment of 1420 bytes takes 256 more.
  expect(large.kept).toBeGreaterThan(2 * MIB);
  expect(large.kept).toBeLessThan(2.5 * MIB);
});

describe('half-open connections', () => {
  /** As many as the budget has connections for, and as many again. */
  const MANY = 2 * (BUDGET / (16 << 10));

  test('keep no other from coming up at once', () => {
    all(MANY, (port) => guest.ask(port, HTTP));

    guest.open(60_000, HTTP);
    guest.put(60_000, HTTP, text('GET /page HTTP/1.1\r\n\r\n'));

    expect(guest.heard.get(60_000)).toBeGreaterThan(1420);
  });

  test('reach no handler, and are dropped within a minute and a half', () => {
    all(MANY, (port) => guest.ask(port, BANNER));
    const kept = network.kept;
    clock.advance(90 * SECOND);

    guest.say(2000 + MANY - 1, BANNER, { flags: ACK });

    expect([kept, guest.flags.get(2000 + MANY - 1)! & RST]).toEqual([0, RST]);
  });
});

describe('connections that are open and silent', () => {
  test('give way to new ones after five seconds, the quietest first', () => {
    all(BUDGET / (16 << 10), (port) => guest.open(port, HTTP));
    clock.advance(6 * SECOND);
    guest.say(2000, HTTP, {});

    guest.open(60_000, METADATA);
    guest.put(60_000, METADATA, text('GET / HTTP/1.1\r\n\r\n'));

    expect([2000, 2001].map((port) => guest.flags.get(port)! & RST)).toEqual([0, RST]);
    expect(guest.heard.get(60_000)).toBeGreaterThan(0);
  });
});

describe('a client that waits for a change', () => {
  test('leaves room for another when it is gone', () => {
    const path = 'computeMetadata/v1/instance/name?wait_for_change=true&timeout_sec=1';
    const request = text(`GET /${path} HTTP/1.1\r\nMetadata-Flavor: Google\r\n\r\n`);
    const forGood = text(`${Buffer.from(request)}`.replace('&timeout_sec=1', ''));
    for (let i = 0; i < 1100; i++) {
      guest.open(2000, METADATA);
      guest.put(2000, METADATA, forGood);
      guest.say(2000, METADATA, { flags: RST });
    }

    guest.open(60_000, METADATA);
    guest.put(60_000, METADATA, request);
    clock.advance(2 * SECOND);

    expect(guest.first.get(60_000)).toContain('HTTP/1.1 200');
  });
});

describe('a page that is fixed', () => {
  test('may be larger than the budget, and takes none of it', () => {
    all(20, (port) => {
      guest.open(port, HTTP);
      guest.put(port, HTTP, text('GET /page HTTP/1.1\r\n\r\n'));
    });

    expect(most).toBeLessThan(20 * 2000);
  });
});

describe('fragments', () => {
  test('of datagrams are not reassembled here, and not kept', () => {
    const fragment = new Uint8Array(1400);
    fragment.set([
      0x42, 1, 10, 128, 0, 1, 0x42, 1, 10, 128, 0, 2, 8, 0, 0x45, 0, 5, 0x6a, 0, 1, 0x20, 0, 64, 17,
    ]);

    for (let i = 0; i < 1000; i++) network.send(fragment);

    expect(network.kept).toBe(0);
  });
});

describe('files over TFTP', () => {
  test('go to at most 64 clients, and the oldest gives way', () => {
    network.tftp('a', new Uint8Array(5000));
    guest.datagrams.length = 0;

    for (let i = 0; i < 200; i++)
      guest.message(3000 + i, { address: SERVER, port: 69 }, text('\0\x01a\0octet\0'));
    const begun = guest.datagrams.length;
    guest.datagrams.length = 0;
    clock.advance(SECOND);

    // Each repeats its first block after a second.
    expect([begun, guest.datagrams.length]).toEqual([200, 64]);
  });
});

test.each([0, 1.5, (1 << 20) - 1, 2 ** 36 + 1])('a budget of %d is refused', (budget) => {
  expect(() => gceNetwork({ budget })).toThrow(
    `gceNetwork.budget must be a whole number from 1048576 to 68719476736; got ${budget}`,
  );
});
