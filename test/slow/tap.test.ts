import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { virtioNetDriver } from '../../src/guest/index.ts';
import { gceN1, Tap } from '../../src/index.ts';

const NAME = 'guestrig-test';
const MILLISECOND = 1e6;
/** An EtherType for experiments (IEEE 802, 88B5): no other program sends it. */
const FRAME = Uint8Array.from([
  ...new Uint8Array(6).fill(0xff),
  2,
  0,
  0,
  0,
  0,
  1,
  0x88,
  0xb5,
  ...new Uint8Array(46).fill(7),
]);

/** Python waits on the interface for one such frame, and sends it back with the next byte. */
const MIRROR = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
s.bind(('${NAME}', 0x88b5))
s.settimeout(20)
print('ready', flush=True)
frame = bytearray(s.recv(2048))
frame[-1] += 1
s.send(frame)
`;

test("a frame passes to this host's interface and back, and the interface is removed with the tap", async () => {
  const tap = await Tap.open({ name: NAME });
  const machine = gceN1({ nics: [{ backend: tap }] });
  const nic = machine.attach(virtioNetDriver);
  const mirror = spawn('python3', ['-c', MIRROR], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => mirror.stdout.once('data', resolve));
  const answered = new Promise<void>((resolve) => {
    machine.events.on('frame', (_name, frame, sent) => {
      if (!sent && frame[12] === 0x88 && frame[13] === 0xb5) resolve();
    });
  });
  nic.send(FRAME);
  await answered;
  const got = Array.from({ length: 8 }, () => nic.receiveWithin(MILLISECOND)).find(
    (frame) => frame?.[13] === 0xb5,
  );
  const there = existsSync(`/sys/class/net/${NAME}`);
  await tap.close();

  expect([got?.at(-1), there, existsSync(`/sys/class/net/${NAME}`)]).toEqual([8, true, false]);
});

test('gives the reason in one line if there is none', async () => {
  await expect(Tap.open({ name: 'lo' })).rejects.toThrow(/^tap: socat made no interface: /);
  await expect(Tap.open({ name: 'a name' })).rejects.toThrow(
    'tap.name must be a name of up to 15 letters',
  );
});
