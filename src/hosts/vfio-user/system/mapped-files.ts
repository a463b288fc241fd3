import { fstatSync } from 'node:fs';
import { FAILED, type Libc } from '../../system/libc.ts';
import type { Mapper, Mapping } from '../commands/dma-regions.ts';
import { Refusal } from '../commands/errno.ts';

/** As Linux numbers them. */
const PROT = { read: 1, write: 2 } as const;
const MAP = { shared: 1, private: 2, fixed: 0x10, anonymous: 0x20, noReserve: 0x4000 } as const;
const READ_WRITE = PROT.read | PROT.write;
const NO_FILE = -1;

/** Maps files into this process. */
export class MappedFiles implements Mapper {
  private readonly libc: Libc;
  /** Gives the addresses back, once nobody has a view of them. */
  private readonly gone: FinalizationRegistry<{ readonly at: bigint; readonly length: number }>;

  constructor(libc: Libc) {
    this.libc = libc;
    this.gone = new FinalizationRegistry(({ at, length }) => libc.munmap(at, length));
  }

  map(fd: number, offset: number, length: number, shared: boolean): Mapping {
    // A page past the end of its file is a signal that ends the process.
    if (fstatSync(fd).size < offset + length) throw new Refusal('EINVAL');
    const { libc } = this;
    const flags = shared ? MAP.shared : MAP.private;
    const at = libc.mmap(0n, length, READ_WRITE, flags, fd, BigInt(offset));
    if (at === FAILED) throw new Refusal('ENOMEM');
    const buffer = libc.view(at, length);
    return { bytes: new Uint8Array(buffer), release: () => this.release(buffer, at, length) };
  }

  /** A request that is still under way has views of it: pages that are nobody's take the place of the client's. */
  private release(buffer: ArrayBuffer, at: bigint, length: number): void {
    const flags = MAP.private | MAP.fixed | MAP.anonymous | MAP.noReserve;
    this.libc.mmap(at, length, READ_WRITE, flags, NO_FILE, 0n);
    this.gone.register(buffer, { at, length });
  }
}
