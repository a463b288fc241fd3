import type { Region } from '../core/access.ts';
import type { Board } from '../core/board.ts';
import { PciFunction } from './pci-function.ts';

/** Size of its only BAR, the same as of a small virtio function. */
const BYTES = 64;

/** Its identity. */
export interface StrangerId {
  readonly vendor: number;
  readonly device: number;
  /** 24 bits. */
  readonly class: number;
}

/** A function without a driver here: its registers read 0, and it does nothing. */
export class Stranger extends PciFunction {
  constructor(name: string, board: Board, id: StrangerId) {
    super(name, board, { ...id, revision: 0 });
    this.addBar(0, 'io', nothing(name));
  }
}

function nothing(name: string): Region {
  return { name, size: BYTES, read: () => 0, write: () => {}, describe: () => `${name} BAR0` };
}
