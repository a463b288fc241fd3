import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { loadLibc } from '../../system/libc.ts';
import { COMMANDS, dma_write, FLAGS, header } from '../commands/registers.ts';
import type { CommandName } from '../rig.ts';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int, int, int)');
const connect = libc.func('int connect(int, void *, uint32_t)');
const sendmsg = libc.func('intptr_t sendmsg(int, void *, int)');
const memfd_create = libc.func('int memfd_create(const char *, unsigned int)');
const MFD_ALLOW_SEALING = 2;
const eventfd = libc.func('int eventfd(unsigned int, int)');
const EFD_NONBLOCK = 0x800;
const FD = 4;

/** A message with files, as `sendmsg` takes it on 64 bits. */
function msghdr(bytes: Uint8Array, fds: readonly number[]) {
  const vector = new BigUint64Array([koffi.address(bytes), BigInt(bytes.length)]);
  const control = new DataView(new ArrayBuffer(16 + 8 * Math.ceil((fds.length * FD) / 8)));
  control.setBigUint64(0, BigInt(16 + fds.length * FD), true);
  control.setUint32(8, 1, true);
  control.setUint32(12, 1, true);
  for (const [i, fd] of fds.entries()) control.setInt32(16 + i * FD, fd, true);
  const [at, length] =
    fds.length === 0 ? [0n, 0n] : [koffi.address(control.buffer), BigInt(control.byteLength)];
  const header = new BigUint64Array([0n, 0n, koffi.address(vector), 1n, at, length, 0n]);
  return { header: new Uint8Array(header.buffer), kept: [vector, control, bytes] };
}

/** A client over a real socket, with real files. */
export class SocketClient {
  readonly fd: number;
  /** Buffers that the last message points to: they must not be collected before it is sent. */
  kept: readonly unknown[] = [];
  /** The writes that it received. */
  readonly writes: { readonly address: number; readonly bytes: Uint8Array }[] = [];

  constructor(path: string) {
    this.fd = socket(1, 1, 0);
    const address = new Uint8Array(110);
    address[0] = 1;
    address.set(new TextEncoder().encode(path), 2);
    connect(this.fd, address, address.length);
  }

  async call(name: CommandName, payload: Uint8Array, fds: readonly number[] = []) {
    const message = new Uint8Array(new ArrayBuffer(header.size + payload.length));
    header.encode({ command: COMMANDS[name], message_size: message.length, flags: 0 }, message);
    message.set(payload, header.size);
    this.send(message, fds);
    for (;;) {
      const reply = await this.receive();
      const { flags, error } = header.decode(reply);
      if ((flags & FLAGS.type) === FLAGS.reply) return { errno: error, payload: reply.slice(header.size) };
      this.answerWrite(reply);
    }
  }

  private async receive(): Promise<Uint8Array> {
    await this.readable();
    const front = new Uint8Array(header.size);
    readSync(this.fd, front);
    const message = new Uint8Array(header.decode(front).message_size);
    message.set(front);
    if (message.length > front.length) readSync(this.fd, message, { offset: front.length });
    return message;
  }

  /** A DMA_WRITE. It only records the write. */
  private answerWrite(message: Uint8Array): void {
    const { address, count } = dma_write.decode(message.subarray(header.size));
    this.writes.push({ address: Number(address), bytes: message.slice(-Number(count)) });
    const { flags } = header.decode(message);
    if ((flags & FLAGS.noReply) !== 0) return;
    const reply = message.slice(0, header.size);
    header.encode({ ...header.decode(message), message_size: header.size, flags: FLAGS.reply }, reply);
    this.send(reply);
  }

  send(bytes: Uint8Array, fds: readonly number[] = []): void {
    const { header: message, kept } = msghdr(bytes, fds);
    this.kept = kept;
    sendmsg(this.fd, message, 0);
  }

  close(): void {
    closeSync(this.fd);
  }

  private async readable(): Promise<void> {
    const { poll } = await loadLibc();
    await new Promise<void>((resolve) => {
      const handle = poll(this.fd, () => {
        handle.close();
        resolve();
      });
    });
  }
}

/** A new folder, until `close`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'guestrig-'));

  socket(name: string): string {
    return join(this.path, name);
  }

  /** An open file of this size. */
  file(bytes: number): number {
    const fd = openSync(join(this.path, 'ram'), 'w+');
    ftruncateSync(fd, bytes);
    return fd;
  }

  close(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Memory of this size, as QEMU lends it but without its seals. */
export function newMemfd(bytes: number): number {
  const fd = memfd_create('ram', MFD_ALLOW_SEALING);
  ftruncateSync(fd, bytes);
  return fd;
}

export const newEventfd = (): number => eventfd(0, EFD_NONBLOCK);
/** How often it was signalled since the last call; it throws for never. */
export const countOf = (fd: number): number => {
  const bytes = new Uint8Array(8);
  readSync(fd, bytes);
  return Number(new DataView(bytes.buffer).getBigUint64(0, true));
};
export const put = (fd: number, at: number, bytes: Uint8Array): void =>
  void writeSync(fd, bytes, 0, bytes.length, at);
export const take = (fd: number, at: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  readSync(fd, bytes, 0, length, at);
  return bytes;
};
