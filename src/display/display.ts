import type { Region } from '../core/access.ts';
import type { Width } from '../core/bits.ts';
import type { Board } from '../core/board.ts';
import { PciFunction } from '../pci/pci-function.ts';

const GOOGLE = 0x1ae0;
const DISPLAY = { vendor: GOOGLE, device: 0xa002, class: 0x03_0000, revision: 1 };
const SUBSYSTEM = { subsystemVendor: GOOGLE, subsystem: 1 };

const SIZE = 8 << 20;

/** Memory on a display: reads return what was written, little-endian, in every width; zeros before. Resets keep it. */
class FrameBuffer implements Region {
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

/**
 * The virtual display of Compute Engine, as far as guests printed it: its identity, and 8 MiB of memory behind
 * BAR0. Its content format was never observed; here it is plain RAM. See docs/fidelity.md.
 *
 * @example
 * const machine = gceN1({ display: true });
 * machine.port.write(0xfe00_0000, 0x00ff_ffff, 4);   // BAR0, as set by firmware
 * machine.display!.bytes.subarray(0, 4);             // ff ff ff 00
 */
export class Display extends PciFunction {
  private readonly frame = new FrameBuffer('display frame buffer');

  constructor(name: string, board: Board) {
    super(name, board, { ...DISPLAY, ...SUBSYSTEM });
    this.addBar(0, 'mem32', this.frame);
  }

  /** The 8 MiB behind BAR0, as written by the guest. A view: it changes as the guest writes. */
  get bytes(): Uint8Array {
    return this.frame.bytes;
  }
}
