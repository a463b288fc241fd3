import { chmodSync, closeSync, rmSync } from 'node:fs';
import { MisuseError } from '../../../core/misuse.ts';
import { struct } from '../../../core/struct.ts';
import type { Libc, Poll } from '../../system/libc.ts';

/** As Linux numbers them. */
const AF_UNIX = 1;
const SOCK = { stream: 1, nonBlock: 0x800, closeOnExec: 0x8_0000 } as const;
const MSG = { dontWait: 0x40, noSignal: 0x4000, closeOnExec: 0x4000_0000 } as const;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const EAGAIN = 11;
const EINTR = 4;
const PATH_MAX = 107;
const BACKLOG = 1;
/** For its owner alone. */
const OWN = 0o600;

const sockaddr_un = struct('sockaddr_un', 'le', { sun_family: 'u16', sun_path: { bytes: PATH_MAX + 1 } });
const iovec = struct('iovec', 'le', { iov_base: 'u64', iov_len: 'u64' });
/** With the compiler's padding, on systems of 64 bits. */
const msghdr = struct('msghdr', 'le', {
  msg_name: 'u64',
  msg_namelen: 'u64',
  msg_iov: 'u64',
  msg_iovlen: 'u64',
  msg_control: 'u64',
  msg_controllen: 'u64',
  msg_flags: 'u64',
});
const cmsghdr = struct('cmsghdr', 'le', { cmsg_len: 'u64', cmsg_level: 'u32', cmsg_type: 'u32' });
const FD = 4;

/** A socket that waits for one client. */
export class Listener {
  private readonly path: string;
  private readonly fd: number;
  private poll: Poll | null;

  /**
   * @param accepted called with the first client; there is no second.
   * @throws MisuseError if `path` is in use, or cannot be created.
   */
  constructor(libc: Libc, path: string, accepted: (fd: number) => void) {
    this.path = path;
    const bytes = new TextEncoder().encode(path);
    if (bytes.length === 0 || bytes.length > PATH_MAX)
      throw new MisuseError('socket', path, `a path of up to ${PATH_MAX} bytes`);
    this.fd = libc.socket(AF_UNIX, SOCK.stream | SOCK.nonBlock | SOCK.closeOnExec, 0);
    const address = new Uint8Array(new ArrayBuffer(sockaddr_un.size));
    sockaddr_un.encode({ sun_family: AF_UNIX }, address);
    address.set(bytes, sockaddr_un.offset.sun_path);
    const isBound = libc.bind(this.fd, address, address.length) === 0;
    // Before it listens, no client can have connected.
    if (isBound) chmodSync(path, OWN);
    if (!isBound || libc.listen(this.fd, BACKLOG) !== 0) {
      closeSync(this.fd);
      throw new MisuseError(
        'socket',
        path,
        'a path where nothing is yet, in a folder that can be written to',
      );
    }
    this.poll = libc.poll(this.fd, () => {
      const fd = libc.accept4(this.fd, null, null, SOCK.closeOnExec);
      if (fd < 0) return;
      this.close();
      accepted(fd);
    });
  }

  close(): void {
    if (this.poll === null) return;
    this.poll.close();
    this.poll = null;
    closeSync(this.fd);
    rmSync(this.path, { force: true });
  }
}

/** The result of a read: bytes, `wait` for nothing yet, `gone` for a client that closed its end. */
type Received = number | 'wait' | 'gone';

/** This end of a connection: bytes, and files that come with them. */
export class Connection {
  private readonly libc: Libc;
  private readonly fd: number;
  private readonly control: Uint8Array;
  private readonly controlView: DataView;
  private readonly vector = new Uint8Array(new ArrayBuffer(iovec.size));
  private readonly message = new Uint8Array(new ArrayBuffer(msghdr.size));
  private readonly messageView = new DataView(this.message.buffer);
  private readonly target: bigint;
  private poll: Poll | null;

  /**
   * @param into gets the received bytes.
   * @param files how many one message brings at most; the system closes the others.
   * @param ready is called while there is something to read.
   */
  constructor(libc: Libc, fd: number, into: Uint8Array, files: number, ready: () => void) {
    this.libc = libc;
    this.fd = fd;
    this.target = libc.addressOf(into);
    this.control = new Uint8Array(new ArrayBuffer(cmsghdr.size + files * FD));
    this.controlView = new DataView(this.control.buffer);
    const header = { msg_iov: libc.addressOf(this.vector), msg_iovlen: 1n };
    msghdr.encode({ ...header, msg_control: libc.addressOf(this.control) }, this.message);
    this.poll = libc.poll(fd, ready);
  }

  /** Reads up to `length` bytes to `at`, and the numbers of the files that came with them into `fds`. */
  receive(at: number, length: number, fds: number[]): Received {
    const { libc } = this;
    iovec.encode({ iov_base: this.target + BigInt(at), iov_len: BigInt(length) }, this.vector);
    this.messageView.setBigUint64(msghdr.offset.msg_controllen, BigInt(this.control.length), true);
    const count = libc.recvmsg(this.fd, this.message, MSG.dontWait | MSG.closeOnExec);
    if (count > 0) {
      this.takeFiles(fds);
      return count;
    }
    if (count === 0) return 'gone';
    const errno = libc.errno();
    return errno === EAGAIN || errno === EINTR ? 'wait' : 'gone';
  }

  /** @returns false if the client does not take it. */
  send(bytes: Uint8Array, length: number): boolean {
    return this.libc.send(this.fd, bytes, length, MSG.dontWait | MSG.noSignal) === length;
  }

  close(): void {
    if (this.poll === null) return;
    this.poll.close();
    this.poll = null;
    closeSync(this.fd);
  }

  private takeFiles(fds: number[]): void {
    const length = this.messageView.getUint32(msghdr.offset.msg_controllen, true);
    if (length < cmsghdr.size) return;
    const { controlView } = this;
    const { cmsg_len, cmsg_level, cmsg_type } = cmsghdr.offset;
    if (controlView.getUint32(cmsg_level, true) !== SOL_SOCKET) return;
    if (controlView.getUint32(cmsg_type, true) !== SCM_RIGHTS) return;
    const end = controlView.getUint32(cmsg_len, true);
    for (let at = cmsghdr.size; at + FD <= end; at += FD) fds.push(controlView.getInt32(at, true));
  }
}
