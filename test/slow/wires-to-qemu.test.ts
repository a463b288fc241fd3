import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { virtioNetDriver } from '../../src/guest/index.ts';
import { DatagramWire, gceN1, SocketWire } from '../../src/index.ts';

const FRAMES = 200;
/** Frames on their way at once: sockets and rings hold these, however late QEMU and this process have their turns. */
const BURST = 20;
const MILLISECOND = 1e6;

/** QEMU without a machine: a hub of two cables, one a stream, one of datagrams. */
function qemu(stream: number, local: number, remote: number) {
  const ends = [
    `dgram,id=d,local.type=inet,local.host=127.0.0.1,local.port=${local},remote.type=inet,remote.host=127.0.0.1,remote.port=${remote}`,
    `socket,id=s,connect=127.0.0.1:${stream}`,
    'hubport,id=hd,hubid=0,netdev=d',
    'hubport,id=hs,hubid=0,netdev=s',
  ];
  const args = ['-M', 'none', '-display', 'none', '-nodefaults', ...ends.flatMap((end) => ['-netdev', end])];
  return spawn('qemu-system-x86_64', args, { stdio: 'ignore' });
}

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** A card of ours at each of QEMU's cables. */
async function twoCards() {
  const stream = await SocketWire.listen({ port: 0 });
  const probe = await DatagramWire.open({ local: 0, remote: 1 });
  const theirs = probe.port;
  await probe.close();
  const datagrams = await DatagramWire.open({ local: 0, remote: theirs });
  const peer = qemu(stream.port!, theirs, datagrams.port);
  open.push(stream, datagrams, {
    [Symbol.asyncDispose]: async () => {
      peer.kill();
      await once(peer, 'close');
    },
  });
  await stream.connected;
  return [stream, datagrams].map((backend) => {
    const machine = gceN1({ nics: [{ backend }] });
    return { machine, nic: machine.attach(virtioNetDriver) };
  });
}

test.each([
  ['stream to datagrams', 0, 1],
  ['datagrams to stream', 1, 0],
] as const)(
  'frames of ours pass through a hub of QEMU unchanged and in order: %s',
  async (_way, from, to) => {
    const cards = await twoCards();
    const [sender, receiver] = [cards[from]!, cards[to]!];
    const got: (Uint8Array | null)[] = [];
    let came = () => {};
    receiver.machine.events.on('frame', (_name, _frame, sent) => {
      if (sent) return;
      // The event comes before the frame is in the guest's memory.
      setImmediate(() => got.push(receiver.nic.receiveWithin(MILLISECOND)) % BURST === 0 && came());
    });
    const sent = Array.from({ length: FRAMES }, (_, i) => new Uint8Array(60 + 7 * i).fill(i + 1));
    for (let at = 0; at < FRAMES; at += BURST) {
      const come = new Promise<void>((resolve) => {
        came = resolve;
      });
      for (const frame of sent.slice(at, at + BURST)) sender.nic.send(frame);
      await come;
    }

    expect(got).toEqual(sent);
  },
);
