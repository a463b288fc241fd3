import { closeSync, fstatSync } from 'node:fs';
import { MisuseError } from '../../../core/misuse.ts';
import type { Libc } from '../../system/libc.ts';
import { type Mapped, Mappings } from '../../system/mappings.ts';
import type { Mapper, Mapping } from '../commands/dma-regions.ts';
import { Refusal } from '../commands/errno.ts';

/** As Linux numbers them. */
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_SEAL_SHRINK = 2;

/** A file that may be truncated, and its required size. */
interface Cuttable {
  readonly fd: number;
  readonly end: number;
}

/**
 * Maps files into this process. An access to a page past the end of its file is a signal that ends the process, so files
 * must not be truncated: a memfd is sealed, as QEMU does by itself, and others are checked before they are used.
 */
export class MappedFiles implements Mapper {
  private readonly libc: Libc;
  private readonly mappings: Mappings;
  private readonly cuttable = new Set<Cuttable>();

  constructor(libc: Libc) {
    this.libc = libc;
    this.mappings = new Mappings(libc);
  }

  map(fd: number, offset: number, length: number, shared: boolean): Mapping {
    const end = offset + length;
    try {
      const isSealed = this.seals(fd);
      if (fstatSync(fd).size < end) throw new Refusal('EINVAL');
      const mapped = this.mappings.file(fd, offset, length, shared);
      if (mapped === null) throw new Refusal('ENOMEM');
      if (!isSealed) return this.watched(mapped, { fd, end });
      closeSync(fd);
      return { bytes: mapped.bytes, release: () => this.mappings.blank(mapped) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** @throws MisuseError for a client that truncated its memory. */
  check(): void {
    for (const { fd, end } of this.cuttable) {
      const { size } = fstatSync(fd);
      if (size < end)
        throw new MisuseError(
          'vfio-user client',
          size,
          `one that does not shrink its memory below ${end} bytes`,
        );
    }
  }

  /** A request in progress has views of released memory: anonymous pages replace the client's. */
  private watched(mapped: Mapped, file: Cuttable): Mapping {
    this.cuttable.add(file);
    return {
      bytes: mapped.bytes,
      release: () => {
        this.mappings.blank(mapped);
        this.cuttable.delete(file);
        closeSync(file.fd);
      },
    };
  }

  /** Whether it can no longer be truncated. */
  private seals(fd: number): boolean {
    const { libc } = this;
    libc.fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
    const seals = libc.fcntl(fd, F_GET_SEALS, 0);
    return seals >= 0 && (seals & F_SEAL_SHRINK) !== 0;
  }
}
