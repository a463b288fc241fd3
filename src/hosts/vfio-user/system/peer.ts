import { readdirSync, readlinkSync } from 'node:fs';
import { struct } from '../../../core/struct.ts';
import type { Libc } from '../../system/libc.ts';

/** As Linux numbers them. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const ucred = struct('ucred', 'le', { pid: 'u32', uid: 'u32', gid: 'u32' });
/** Linux's name of a KVM virtual machine among a process's files. */
const VIRTUAL_MACHINE = 'anon_inode:kvm-vm';

/**
 * Whether the process at the other end has a KVM virtual machine, which the protocol does not show. False if it cannot be
 * known: for another user's process, or one outside this container.
 */
export function peerRunsOnKvm(libc: Libc, fd: number): boolean {
  const peer = new Uint8Array(new ArrayBuffer(ucred.size));
  const length = new Uint8Array(new Uint32Array([ucred.size]).buffer);
  if (libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, length) !== 0) return false;
  const files = `/proc/${ucred.decode(peer).pid}/fd`;
  try {
    return readdirSync(files).some((file) => readlinkSync(`${files}/${file}`) === VIRTUAL_MACHINE);
  } catch {
    return false;
  }
}
