import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NetBackend } from '../backend.ts';
import { KeepingNic } from '../rig.ts';
import { DatagramWire } from './datagram-wire.ts';
import { SharedHub } from './shared-hub.ts';
import { FrameStream, prefixed, SocketWire } from './socket-wire.ts';

const ONE = Uint8Array.of(1, 1, 1);
const TWO = Uint8Array.of(2, 2);

/** A NIC that reports when it has received so many frames. */
class AwaitedNic extends KeepingNic {
  private waiting: { count: number; come: () => void } | undefined;

  has(count: number): Promise<void> {
    return new Promise((come) => {
      this.waiting = { count, come };
      this.look();
    });
  }

  override receive(frame: Uint8Array): void {
    super.receive(frame);
    this.look();
  }

  private look(): void {
    if (this.waiting !== undefined && this.got.length >= this.waiting.count) this.waiting.come();
  }
}

async function pair() {
  const left = await SocketWire.listen({ port: 0 });
  const right = await SocketWire.connect({ port: left.port! });
  const nics = [new AwaitedNic(), new AwaitedNic()] as const;
  left.attach(nics[0]);
  right.attach(nics[1]);
  return { left, right, nics };
}

describe('a stream of frames', () => {
  test('is split into frames again, however it was cut', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(prefixed));
        const got: number[][] = [];
        const reader = new FrameStream((frame) => got.push([...frame]));
        for (let at = 0, i = 0; at < stream.length; i++) {
          const next = at + cuts[i % cuts.length]!;
          reader.take(stream.subarray(at, next));
          at = next;
        }
        expect(got).toEqual(sent.map((frame) => [...frame]));
      }),
    );
  });
});

describe('a wire over a socket', () => {
  test('carries frames both ways, in order', async () => {
    const { left, right, nics } = await pair();
    right.send(ONE);
    right.send(TWO);
    await nics[0].has(2);
    left.send(TWO);
    await nics[1].has(1);
    expect(nics.map(({ got }) => got)).toEqual([[[...ONE], [...TWO]], [[...TWO]]]);
    await left.close();
    await right.close();
  });

  test('is closed at both ends by either', async () => {
    const { left, right } = await pair();
    await right.close();
    await left.closed;
    left.send(ONE);
    await left.close();
  });

  test('loses frames until the peer is there', async () => {
    await using left = await SocketWire.listen({ port: 0 });
    expect(() => left.send(ONE)).not.toThrow();
  });

  test('ends with a peer that speaks another protocol', async () => {
    await using left = await SocketWire.listen({ port: 0 });
    const peer = connect(left.port!, '127.0.0.1');
    await once(peer, 'connect');
    peer.write('GET / HTTP/1.1\r\n\r\n');
    await expect(left.closed).resolves.toBeUndefined();
  });

  test('refuses an address without a listener, a taken one, and an invalid one', async () => {
    await using left = await SocketWire.listen({ port: 0 });
    await expect(SocketWire.listen({ port: left.port! })).rejects.toThrow(/^socketWire: .*EADDRINUSE/);
    await expect(SocketWire.connect({ path: '/nowhere' })).rejects.toThrow(/^socketWire: .*ENOENT/);
    await expect(SocketWire.connect({ port: -1 })).rejects.toThrow('must be { port } or { path }');
  });
});

describe('a wire of datagrams', () => {
  test('carries frames both ways', async () => {
    await using probe = await DatagramWire.open({ local: 0, remote: 1 });
    const free = probe.port;
    await probe.close();
    await using left = await DatagramWire.open({ local: 0, remote: free });
    await using right = await DatagramWire.open({ local: free, remote: left.port });
    const nics = [new AwaitedNic(), new AwaitedNic()] as const;
    left.attach(nics[0]);
    right.attach(nics[1]);
    left.send(ONE);
    await nics[1].has(1);
    right.send(TWO);
    await nics[0].has(1);
    expect(nics.map(({ got }) => got)).toEqual([[[...TWO]], [[...ONE]]]);
  });

  test('refuses a port that is taken', async () => {
    await using wire = await DatagramWire.open({ local: 0, remote: 1 });
    await expect(DatagramWire.open({ local: wire.port, remote: 1 })).rejects.toThrow(
      /^datagramWire: .*EADDRINUSE/,
    );
  });
});

/** A wire reconnects in the host's time, and frames sent before are lost. */
async function untilHeard(from: NetBackend, to: AwaitedNic): Promise<void> {
  while (to.got.length === 0) {
    from.send(ONE);
    await new Promise(setImmediate);
  }
}

describe('a hub that processes share', () => {
  const name = `test-${process.pid}`;
  const opened = async (): Promise<[SharedHub, AwaitedNic]> => {
    const hub = await SharedHub.open(name);
    const nic = new AwaitedNic();
    hub.attach(nic);
    return [hub, nic];
  };

  test('takes a frame from each to all others', async () => {
    const [first, firstNic] = await opened();
    const [second, secondNic] = await opened();
    const [third, thirdNic] = await opened();
    second.send(ONE);
    await Promise.all([firstNic.has(1), thirdNic.has(1)]);
    first.send(TWO);
    await Promise.all([secondNic.has(1), thirdNic.has(2)]);
    for (const hub of [third, second, first]) await hub.close();
    expect([firstNic.got, secondNic.got, thirdNic.got]).toEqual([
      [[...ONE]],
      [[...TWO]],
      [[...ONE], [...TWO]],
    ]);
  });

  test('goes on when its holder closes', async () => {
    const [first] = await opened();
    const [second, secondNic] = await opened();
    await first.close();
    const [third] = await opened();
    await untilHeard(third, secondNic);
    for (const hub of [third, second]) await hub.close();
    expect(secondNic.got[0]).toEqual([...ONE]);
  });

  test('keeps other users out, and goes on after one was killed', async () => {
    const folder = `/tmp/guestrig-hub-${process.getuid!()}`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${folder}/${name}`, '');

    const [hub] = await opened();

    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect([statSync(`${folder}/${name}`).isSocket(), statSync(`${folder}/${name}`).mode & 0o777]).toEqual([
      true,
      0o600,
    ]);
    await hub.close();
  });

  const held = 'sharedHub must be a name that is free: a process holds it that does not answer; got';
  const claim = `\0guestrig-hub-${process.getuid!()}-${name}`;

  test('refuses a name that a process holds which does not answer', async () => {
    const silent = createServer().listen(claim);
    await once(silent, 'listening');

    const opening = SharedHub.open(name);

    await expect(opening).rejects.toThrow(`${held} "${name}"`);
    silent.close();
  });

  test('says at the next frame that its holder is gone, and the name still held', async () => {
    const silent = createServer().listen(claim);
    const holder = createServer().listen(`/tmp/guestrig-hub-${process.getuid!()}/${name}`);
    const [[hub], [socket]] = await Promise.all([opened(), once(holder, 'connection')]);
    holder.close();
    const { end } = hub as unknown as { end: SocketWire };

    socket.destroy();
    await end.closed;
    await Reflect.get(hub, 'reaching');

    expect(() => hub.send(ONE)).toThrow(held);
    silent.close();
    await hub.close();
  });

  test('refuses an invalid name', async () => {
    await expect(SharedHub.open('../x')).rejects.toThrow(
      'sharedHub must be a name of up to 64 letters, digits, _, . and -; got "../x"',
    );
  });
});
