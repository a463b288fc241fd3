import { MisuseError } from '../../core/misuse.ts';

/** Calls that Node does not have. Each returns what libc does: -1 with `errno` if it failed. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  listen(fd: number, backlog: number): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, length: Uint8Array): number;
  fcntl(fd: number, command: number, argument: number): number;
  accept4(fd: number, address: null, length: null, flags: number): number;
  recvmsg(fd: number, header: Uint8Array, flags: number): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  /** The address of the mapping; `FAILED` if there is none. */
  mmap(at: bigint, length: number, protection: number, flags: number, fd: number, offset: bigint): bigint;
  munmap(at: bigint, length: number): number;
  errno(): number;
  /** The address of a buffer's bytes, which must not move: one of an ArrayBuffer of its own. */
  addressOf(bytes: Uint8Array): bigint;
  /** The `length` bytes there are, below 4 GiB. */
  view(at: bigint, length: number): ArrayBuffer;
  /** Further calls, each by its C declaration. */
  declare<Calls>(declarations: Readonly<Record<keyof Calls & string, string>>): Calls;
  /** Calls `ready` from the event loop while `fd` has something to read. */
  poll(fd: number, ready: () => void): Poll;
}

export interface Poll {
  close(): void;
}

/** What `mmap` returns where it failed. */
export const FAILED = 2n ** 64n - 1n;

/** The part of the package koffi that is used. */
interface Koffi {
  load(path: string): { func(declaration: string): (...args: unknown[]) => never };
  address(pointer: unknown): bigint;
  view(at: bigint, length: number): ArrayBuffer;
  errno(): number;
  readonly node: { poll(fd: number, wants: { readable: boolean }, ready: () => void): Poll };
}

const DECLARATIONS = {
  socket: 'int socket(int, int, int)',
  bind: 'int bind(int, void *, uint32_t)',
  listen: 'int listen(int, int)',
  getsockopt: 'int getsockopt(int, int, int, void *, void *)',
  fcntl: 'int fcntl(int, int, int)',
  accept4: 'int accept4(int, void *, void *, int)',
  recvmsg: 'intptr_t recvmsg(int, void *, int)',
  send: 'intptr_t send(int, void *, size_t, int)',
  mmap: 'uintptr_t mmap(uintptr_t, size_t, int, int, int, int64_t)',
  munmap: 'int munmap(uintptr_t, size_t)',
} as const;

let loaded: Promise<Libc> | null = null;

/** As `bindLibc`, once. */
export function loadLibc(): Promise<Libc> {
  loaded ??= bindLibc(() => import('koffi')).catch((error) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

/**
 * @param importer the package koffi.
 * @throws MisuseError if koffi is not installed or does not support this system, and on any system but 64-bit Linux.
 */
export async function bindLibc(importer: () => Promise<unknown>): Promise<Libc> {
  if (process.platform !== 'linux' || !['x64', 'arm64', 'riscv64'].includes(process.arch))
    throw new MisuseError('vfio-user', `${process.platform} ${process.arch}`, 'a 64-bit Linux');
  const koffi = await importKoffi(importer);
  const library = koffi.load('libc.so.6');
  const declare = (declarations: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(declarations).map(([name, words]) => [name, library.func(words)]));
  const { mmap, ...others } = declare(DECLARATIONS) as unknown as Omit<Libc, keyof Koffi>;
  return {
    ...others,
    declare,
    mmap: (...args) => BigInt(mmap(...args)),
    errno: () => koffi.errno(),
    addressOf: (bytes) => koffi.address(bytes),
    view: (at, length) => koffi.view(at, length),
    poll: (fd, ready) => koffi.node.poll(fd, { readable: true }, () => ready()),
  } as Libc;
}

async function importKoffi(importer: () => Promise<unknown>): Promise<Koffi> {
  try {
    const { default: koffi } = (await importer()) as { readonly default: Koffi };
    return koffi;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ERR_MODULE_NOT_FOUND' ? 'not installed: npm install koffi' : `cannot be loaded: ${message}`;
    throw new MisuseError('koffi', undefined, '', why);
  }
}
