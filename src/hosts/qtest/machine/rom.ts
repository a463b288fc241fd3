import type { Region } from '../../../core/access.ts';
import type { Width } from '../../../core/bits.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { MmioSpace } from '../../../core/mmio-space.ts';

const FOUR_GIB = 0x1_0000_0000;
const MEGABYTE = 0x10_0000;
/** This much of its end is also visible below 1 MiB. */
const ISA_MOST = 0x2_0000;
const UNIT = 0x1_0000;
const MOST = 16 << 20;

/** Read-only bytes. */
class Rom implements Region {
  readonly name = 'firmware';
  readonly size: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.size = bytes.length;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  read(offset: number, width: Width): number {
    if (width === 1) return this.view.getUint8(offset);
    return width === 2 ? this.view.getUint16(offset, true) : this.view.getUint32(offset, true);
  }

  write(): void {}
}

/**
 * Places a firmware where a PC's processor begins: it ends at 4 GiB, and its last part at 1 MiB. @throws MisuseError for
 * a size that no ROM has.
 */
export function mapRom(mmio: MmioSpace, bytes: Uint8Array): void {
  const { length } = bytes;
  if (length === 0 || length % UNIT !== 0 || length > MOST)
    throw new MisuseError('-bios', length, 'a file of whole 64 KiB, up to 16 MiB');
  mmio.map(FOUR_GIB - length, new Rom(bytes));
  const low = bytes.subarray(Math.max(0, length - ISA_MOST));
  mmio.map(MEGABYTE - low.length, new Rom(low));
}
