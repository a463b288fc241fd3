import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../src/core/access.ts';
import { Clock } from '../../src/core/clock.ts';
import { GuestMemory } from '../../src/core/memory.ts';
import { SocketNetdev } from '../../src/hosts/qtest/machine/netdevs.ts';
import type { Libc } from '../../src/hosts/system/libc.ts';
import { Connection } from '../../src/hosts/vfio-user/system/socket.ts';
import { gceN1, Impaired, MemoryMedium, Switch } from '../../src/index.ts';
import { KeepingNic, Sink } from '../../src/net/backends/rig.ts';
import { DatagramWire, SocketWire } from '../../src/net/backends/wires/index.ts';
import { answer, Guest, get, SERVER } from '../../src/net/gce/guest-rig.ts';
import { gceNetwork } from '../../src/net/gce/index.ts';
import { KeptFrames } from '../../src/net/kept-frames.ts';
import { Copy } from '../../src/rules/virtio/stores/copy.ts';
import { RingRam } from '../../src/rules/virtio/stores/ring-ram.ts';
import { TraceEvents } from '../../src/trace/formats/trace-events.ts';

const MIB = 1 << 20;
const LONG = new Uint8Array(0x1_0000);

/** Sends frames until this many bytes were sent. */
const send = (wire: (frame: Uint8Array) => void, bytes: number) => {
  for (let sent = 0; sent < bytes; sent += LONG.length) wire(LONG);
};

/** A socket whose other end reads nothing, and a function that closes both. */
async function unread(): Promise<{ socket: Socket; port: number; close: () => void }> {
  const others: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (other) => others.push(other)).listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = connect(port);
  await once(socket, 'connect');
  const close = () => {
    for (const one of [socket, ...others]) one.destroy();
    server.close();
  };
  return { socket, port, close };
}

test('the last 64 MiB of sent frames are kept', () => {
  const kept = new KeptFrames();

  send((frame) => kept.add(frame), 80 * MIB);

  expect([kept.frames.length, kept.total]).toEqual([(64 * MIB) / LONG.length, (80 * MIB) / LONG.length]);
});

test('more sent frames are kept on request', () => {
  const kept = new KeptFrames(8192);

  send((frame) => kept.add(frame), 80 * MIB);

  expect(kept.frames).toHaveLength(kept.total);
});

test('a bad wire holds a thousand frames each way', () => {
  const sink = new Sink();
  const nic = new KeepingNic();
  const wire = new Impaired(sink, { delay: 1000 });
  wire.attach(nic);

  for (let i = 0; i < 1500; i++) wire.send(new Uint8Array(60));
  for (let i = 0; i < 1500; i++) wire.receive(new Uint8Array(60));
  nic.clock.advance(1000);

  expect([sink.frames.length, nic.got.length, wire.lost]).toEqual([1000, 1000, 1000]);
});

test('a switch learns 8192 addresses', () => {
  const device = new Switch();
  const port = device.port('a');
  port.attach(new KeepingNic());
  const macOf = (number: number) => [0x42, 0, 0, 0, number >> 8, number & 255];
  const textOf = (number: number) =>
    macOf(number)
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(':');

  for (let i = 0; i < 9000; i++) port.send(Uint8Array.from([...macOf(0), ...macOf(i), 0x88, 0xb5]));

  expect([8191, 8192].map((number) => device.portOf(textOf(number)))).toEqual(['a', undefined]);
});

describe('a wire to another program that does not read', () => {
  test('holds 4 MiB, and what the system takes', async () => {
    const { port, close } = await unread();
    await using wire = await SocketWire.connect({ port });
    const socket = (wire as unknown as { socket: Socket }).socket;

    send((frame) => wire.send(frame), 64 * MIB);
    const waiting = socket.writableLength;
    close();

    expect([waiting >= 4 * MIB, waiting < 5 * MIB]).toEqual([true, true]);
  });

  test('holds as much as QEMU’s has it', async () => {
    const { socket, close } = await unread();

    const wire = new SocketNetdev(socket);
    send((frame) => wire.send(frame), 64 * MIB);
    const waiting = socket.writableLength;
    close();

    expect([waiting >= 4 * MIB, waiting < 5 * MIB]).toEqual([true, true]);
  });

  test('holds 4 MiB of datagrams for a host that is never polled', async () => {
    await using wire = await DatagramWire.open({ local: 0, remote: 9 });
    let copied = 0;
    const frame = Object.assign(new Uint8Array(60_000), {
      slice: () => {
        copied++;
        return new Uint8Array(60_000);
      },
    });

    for (let i = 0; i < 1000; i++) wire.send(frame);

    expect(copied).toBe(Math.ceil((4 * MIB) / 60_000));
  });
});

test('a reply that a vfio-user client does not take is not kept', () => {
  const libc = { addressOf: () => 0n, poll: () => null, send: () => 4 } as unknown as Libc;
  const connection = new Connection(libc, 3, new Uint8Array(8), 1, () => undefined);

  expect(connection.send(new Uint8Array(8), 8)).toBe(false);
});

test('a trace for Perfetto has an endless line in parts of 64 KiB', () => {
  const lines: string[] = [];
  const writer = new TraceEvents((line) => lines.push(line));

  for (let at = 0; at < 200_000; at++) writer.add({ kind: 'serial', at, port: 'COM1', byte: 0x61 });

  expect(lines.filter((line) => line.includes('aaaa')).map(({ length }) => length > 0x1_0000)).toEqual([
    true,
    true,
    true,
  ]);
});

test('1024 accesses are kept for evidence', () => {
  const trail = new AccessTrail(new Clock());
  const area = { name: 'ring' };

  for (let i = 0; i < 5000; i++) trail.ring(area, i, i, 1, 0);

  expect(trail.newest(5000)).toHaveLength(1024);
});

test('64 KiB are kept of a chain whose stores are not seen', () => {
  const memory = GuestMemory.of(MIB);
  const copy = new Copy();

  for (let i = 0; i < 100; i++) copy.add(new RingRam(memory, true), i * 4096, 4096);

  expect(copy.size).toBe(0x1_0000);
});

test('a guest has 16,384 keys of attributes, however short', () => {
  const attributes = Object.fromEntries(Array.from({ length: 16_383 }, (_, i) => [`${i}`, '']));
  const guest = new Guest(
    gceNetwork({ metadata: { instance: { 'guest-attributes': { many: attributes } } } }),
  );
  const put = (key: string) =>
    answer(
      guest.talk(SERVER, 80, get(`instance/guest-attributes/${key}`, 'Content-Length: 0\r\n', 'PUT')),
    )[0];

  expect(put('many/more')).toBe(413);
});

test('1024 requests wait for a change', () => {
  const network = gceNetwork();
  const guest = new Guest(network);
  const wait = () => guest.open(SERVER, 80, get('instance/name?wait_for_change=true'));
  const all = Array.from({ length: 1025 }, wait);

  guest.pass(1);

  expect(all.map(({ text }) => text.slice(0, 12)).filter((text) => text !== '')).toEqual(['HTTP/1.1 503']);
});

test('a driver is allocated RAM, and no more', () => {
  const machine = gceN1({ memory: { below4G: 4 * MIB }, judge: false });
  const take = () => {
    for (let i = 0; i < 10_000; i++) machine.port.allocate(4096, 4096);
  };

  expect(take).toThrow('large enough for 4096 more bytes of driver memory');
});

test('a disk in memory has what was written, of its size', () => {
  const disk = new MemoryMedium(MIB);
  const block = new Uint8Array(512).fill(1);

  const written = Array.from({ length: 4096 }, (_, i) => disk.write(i * 512, block, 0, 512));

  expect(written.filter((fine) => fine)).toHaveLength(MIB / 512);
});

test('timers that are removed leave the clock, and hold nothing', () => {
  const clock = new Clock();
  const fire = () => undefined;
  const some = Array.from({ length: 10_000 }, () => clock.timer('one', fire));
  for (const timer of some) timer.arm(1000);

  for (const timer of some.slice(0, 4000)) clock.remove(timer);
  const early = some.filter((timer) => timer.fire === fire).length;
  for (const timer of some) clock.remove(timer);

  expect(early).toBe(6000);
  expect([some.some((timer) => timer.fire === fire), clock.deadline]).toEqual([false, Infinity]);
});
