import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROTOCOL } from '../frame/headers.ts';
import { makeFrame } from '../frame/make.ts';
import { macOf } from '../stack/address.ts';
import { frameOf } from '../stack/datagram.ts';
import { datagramOf } from '../stack/udp.ts';
import { Guest, get, SERVER } from './guest-rig.ts';
import { frameOf6 } from './ipv6/packet.ts';
import { gceNetwork } from './network.ts';

const LINK = { source: macOf(0x0a80_0002), destination: macOf(0x0a80_0001) };
const bytes = fc.uint8Array({ maxLength: 400 });
const port = fc.constantFrom(53, 67, 69, 546, 547, 49_153, 80);

/** Frames with valid checksums, so that their content is parsed. */
const message = fc.record({ port, bytes }).map(({ port: to, bytes: body }) => {
  const ends = { from: { address: 0x0a80_0002, port: 68 }, to: { address: 0xa9fe_a9fe, port: to } };
  return frameOf(LINK, datagramOf({ ...ends, bytes: body }), 1);
});
const datagram = fc
  .record({ protocol: fc.constantFrom(1, 6, 17), payload: bytes })
  .map((one) => frameOf(LINK, { ...one, source: 0x0a80_0002, destination: 0xa9fe_a9fe }, 1));
const six = fc
  .record({
    protocol: fc.constantFrom<number>(PROTOCOL.ICMPV6, PROTOCOL.UDP),
    payload: fc.uint8Array({ minLength: 8, maxLength: 99 }),
  })
  .map((one) =>
    frameOf6(LINK, { ...one, source: new Uint8Array(16), destination: new Uint8Array(16).fill(9) }),
  );
const segment = fc
  .record({ payload: bytes, flags: fc.nat(255) })
  .map((one) => makeFrame({ protocol: PROTOCOL.TCP, ...one }));

test('no frame makes the network throw, or send an invalid frame', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(bytes, message, datagram, six, segment), { maxLength: 20 }), (frames) => {
      const network = gceNetwork({ ipv6: true });
      network.tcp(80, (socket) => socket.write('hello'));
      const guest = new Guest(network);
      for (const frame of frames) network.send(frame);
      guest.pass(100);
      expect(guest.frames.every(({ length }) => length >= 42 && length <= 1474)).toBe(true);
    }),
  );
});

test('no request makes the metadata server throw, or ignore the next', () => {
  const piece = fc.constantFrom(
    '%',
    '%zz',
    '/',
    '..',
    '?',
    'instance',
    'attributes',
    '__proto__',
    '0',
    '&',
    '=',
    'recursive=true',
    'alt=text',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }),
      fc.constantFrom('GET', 'PUT', 'DELETE', 'HEAD'),
      (pieces, method) => {
        const guest = new Guest(gceNetwork());
        const text = guest.talk(SERVER, 80, get(pieces.join(''), '', method) + get('instance/name'));
        expect(text).toMatch(/^HTTP\/1\.1 [2-4]\d\d [\s\S]*\r\n\r\ninstance-1$/);
      },
    ),
    { numRuns: 50 },
  );
});
