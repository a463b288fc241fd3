import type { Region } from '../core/access.ts';
import type { Board } from '../core/board.ts';
import { PciFunction } from './pci-function.ts';

/** Bytes behind its only base address, as many as a small virtio function has there. */
const BYTES = 64;

/** What it looks like from afar. */
export interface StrangerId {
  readonly vendor: number;
  readonly device: number;
  /** 24 bits. */
  readonly class: number;
}

/** A function that no driver here is for: it has registers, which are 0, and does nothing. */
export class Stranger extends PciFunction {
  constructor(name: string, board: Board, id: StrangerId) {
    super(name, board, { ...id, revision: 0 });
    this.addBar(0, 'io', nothing(name));
  }
}

function nothing(name: string): Region {
  return { name, size: BYTES, read: () => 0, write: () => {}, describe: () => `${name} BAR0` };
}
