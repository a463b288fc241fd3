import { beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { FloodGuest, type Place } from '../../src/net/gce/flood-rig.ts';
import { type GceNetwork, gceNetwork } from '../../src/net/gce/index.ts';

/** A tenth of a second: nothing is sent once more before that. */
const SHORT = 100_000_000;
const METADATA: Place = { address: 0xa9fe_a9fe, port: 80 };
const ELSEWHERE: Place = { address: 0x0a09_0807, port: 80 };
const text = (said: string) => new Uint8Array(Buffer.from(said, 'latin1'));
const request = (method: string, path: string, more = '') =>
  `${method} /computeMetadata/v1/${path} HTTP/1.1\r\nMetadata-Flavor: Google\r\n${more}\r\n`;
/** All that there is, of which an answer to HEAD has nothing. */
const ALL = request('HEAD', '?recursive=true');
const CHANGE = request('HEAD', '?recursive=true&wait_for_change=true');
const PUT = `${request('PUT', 'instance/guest-attributes/a/b', 'Content-Length: 1\r\n')}x`;
const MANY = 40;

let network: GceNetwork;
let clock: Clock;
let guest: FloodGuest;
/** Answers that came, of all connections. */
let answers: number;

beforeEach(() => {
  const large = 'x'.repeat(1 << 18);
  const attributes = { 'enable-guest-attributes': 'TRUE' };
  const written = { one: { k: large, l: large }, two: { k: large } };
  network = gceNetwork({ metadata: { instance: { attributes, 'guest-attributes': written } } });
  clock = new Clock();
  answers = 0;
  guest = new FloodGuest((frame) => network.send(frame));
  const receive = (frame: Uint8Array) => {
    answers += Buffer.from(frame).toString('latin1').split('HTTP/1.1 ').length - 1;
    guest.hear(frame);
  };
  network.attach({ clock, receive });
});

const openMany = (said: string) => {
  for (let port = 2000; port < 2000 + MANY; port++) {
    guest.open(port, METADATA);
    guest.put(port, METADATA, text(said));
  }
};

describe('a guest that asks the metadata server for much', () => {
  test.each([
    ['what it has', ALL],
    ['room for an attribute', PUT],
  ])('%s, again and again, is answered a little at a time', (_what, said) => {
    guest.open(2000, METADATA);
    guest.put(2000, METADATA, text(said.repeat(MANY)));
    const atOnce = answers;

    clock.advance(SHORT);

    expect(atOnce).toBeLessThan(4);
    expect(answers).toBe(MANY);
  });

  test('by waiting for a change, on many connections, is told of it a few at a time', () => {
    openMany(CHANGE);
    clock.advance(SHORT);
    const before = answers;
    network.metadata.set('instance/name', 'other');
    const atOnce = answers;

    clock.advance(SHORT);

    expect(before).toBe(0);
    expect(atOnce).toBeLessThan(4);
    expect(answers).toBe(MANY);
  });

  test('and goes before it is answered leaves nothing behind', () => {
    openMany(ALL);
    const atOnce = answers;
    network.attach(null);
    network.attach({ clock, receive: () => answers++ });

    clock.advance(SHORT);

    expect(answers).toBe(atOnce);
  });

  test('keeps no other from being answered', () => {
    openMany(ALL);
    guest.open(60_000, METADATA);
    guest.put(60_000, METADATA, text(request('GET', 'instance/name')));

    clock.advance(SHORT);

    expect(guest.first.get(60_000)).toContain('instance-1');
  });
});

test.each([
  ['fields', `GET /page HTTP/1.1\r\n${'a:\r\n'.repeat(300)}\r\n`, '431'],
  ['parameters', `GET /page?${'a&'.repeat(5000)} HTTP/1.1\r\n\r\n`, '414'],
])(
  'a request of too many %s is refused, of which each would take many times its length',
  (_what, said, status) => {
    network.http('/page', 'a page');
    guest.open(2000, ELSEWHERE);
    guest.put(2000, ELSEWHERE, text(said));

    expect(guest.first.get(2000)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  },
);
