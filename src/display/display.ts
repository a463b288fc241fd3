import type { Board } from '../core/board.ts';
import { PciFunction } from '../pci/pci-function.ts';
import { FrameBuffer } from './frame-buffer.ts';

const GOOGLE = 0x1ae0;
const DISPLAY = 0xa002;
const VGA_CLASS = 0x03_0000;

/**
 * The virtual display of Compute Engine, as far as guests printed it: vendor, device, class, and 8 MiB of memory
 * behind BAR0. Its content format was never observed; here it is plain RAM. See docs/fidelity.md.
 *
 * @example
 * const machine = gceN1({ display: true });
 * machine.port.write(0xfe00_0000, 0x00ff_ffff, 4);   // BAR0, as set by firmware
 * machine.display!.bytes.subarray(0, 4);             // ff ff ff 00
 */
export class Display extends PciFunction {
  private readonly frame = new FrameBuffer('display frame buffer');

  constructor(name: string, board: Board) {
    super(name, board, { vendor: GOOGLE, device: DISPLAY, class: VGA_CLASS, revision: 0 });
    this.addBar(0, 'mem32', this.frame);
  }

  /** The 8 MiB behind BAR0, as written by the guest. A view: it changes as the guest writes. */
  get bytes(): Uint8Array {
    return this.frame.bytes;
  }
}
