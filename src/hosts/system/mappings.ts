import { FAILED, type Libc } from './libc.ts';

/** As Linux numbers them. */
const PROT = { read: 1, write: 2 } as const;
const MAP = { shared: 1, private: 2, fixed: 0x10, anonymous: 0x20, noReserve: 0x4000 } as const;
const READ_WRITE = PROT.read | PROT.write;
const FRESH = MAP.private | MAP.anonymous | MAP.noReserve;
const NO_FILE = -1;

/** Memory of this process at a fixed address. */
export interface Mapped {
  readonly at: bigint;
  readonly bytes: Uint8Array;
}

/** Memory that stays mapped until the last view of it is gone. */
export class Mappings {
  private readonly libc: Libc;
  private readonly gone: FinalizationRegistry<{ readonly at: bigint; readonly length: number }>;

  constructor(libc: Libc) {
    this.libc = libc;
    this.gone = new FinalizationRegistry(({ at, length }) => libc.munmap(at, length));
  }

  /** Maps a file. @returns null if the system has no room for it. */
  file(fd: number, offset: number, length: number, shared: boolean): Mapped | null {
    return this.map(length, shared ? MAP.shared : MAP.private, fd, offset);
  }

  /** Maps zeros, for which the system allocates memory on the first write. @returns null if it has no room. */
  fresh(length: number): Mapped | null {
    return this.map(length, FRESH, NO_FILE, 0);
  }

  /** Replaces a mapping by zeros, for code that still has a view of it. */
  blank({ at, bytes }: Mapped): void {
    this.libc.mmap(at, bytes.length, READ_WRITE, FRESH | MAP.fixed, NO_FILE, 0n);
  }

  private map(length: number, flags: number, fd: number, offset: number): Mapped | null {
    const { libc } = this;
    const at = libc.mmap(0n, length, READ_WRITE, flags, fd, BigInt(offset));
    if (at === FAILED) return null;
    const buffer = libc.view(at, length);
    this.gone.register(buffer, { at, length });
    return { at, bytes: new Uint8Array(buffer) };
  }
}
