import { fstatSync } from 'node:fs';
import type { Libc } from '../../system/libc.ts';
import { Mappings } from '../../system/mappings.ts';
import type { Mapper, Mapping } from '../commands/dma-regions.ts';
import { Refusal } from '../commands/errno.ts';

/** Maps files into this process. */
export class MappedFiles implements Mapper {
  private readonly mappings: Mappings;

  constructor(libc: Libc) {
    this.mappings = new Mappings(libc);
  }

  map(fd: number, offset: number, length: number, shared: boolean): Mapping {
    // A page past the end of its file is a signal that ends the process.
    if (fstatSync(fd).size < offset + length) throw new Refusal('EINVAL');
    const mapped = this.mappings.file(fd, offset, length, shared);
    if (mapped === null) throw new Refusal('ENOMEM');
    // A request that is still under way has views of it: pages that are nobody's take the place of the client's.
    return { bytes: mapped.bytes, release: () => this.mappings.blank(mapped) };
  }
}
