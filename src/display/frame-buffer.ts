import type { Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';

const SIZE = 8 << 20;

/** Memory on a display: reads return what was written, little-endian, in every width; zeros before. Resets keep it. */
export class FrameBuffer implements Region {
  readonly name: string;
  readonly size = SIZE;
  private view: DataView | null = null;

  constructor(name: string) {
    this.name = name;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  read(offset: number, width: Width): number {
    if (width === 1) return this.memory.getUint8(offset);
    return width === 2 ? this.memory.getUint16(offset, true) : this.memory.getUint32(offset, true);
  }

  write(offset: number, value: number, width: Width): void {
    if (width === 1) this.memory.setUint8(offset, value);
    else if (width === 2) this.memory.setUint16(offset, value, true);
    else this.memory.setUint32(offset, value, true);
  }

  /** Allocated on demand: most guests never use it. */
  private get memory(): DataView {
    this.view ??= new DataView(new ArrayBuffer(SIZE));
    return this.view;
  }
}
