import type { Mark } from '../../core/access.ts';
import type { BaseWrite } from '../../pci/events.ts';
import { BAR_COUNT } from '../../pci/registers.ts';

/**
 * Which base addresses hold all ones, for sizing. An address may be written back whole, by words or by bytes: it is back
 * once every byte with address bits was written again.
 *
 * @example
 * const sizing = new Sizing();
 * sizing.written(write, journal.mark);      // 'sized', 'restored', or null
 */
export class Sizing {
  /** When all ones were written to each. */
  readonly since: Mark[] = new Array<Mark>(BAR_COUNT).fill(0);
  /** The bytes of each that are still to be written again, as bits. */
  private readonly due = new Uint8Array(BAR_COUNT);
  /** Which of them are in I/O space, as bits. */
  private io = 0;

  forget(): void {
    this.due.fill(0);
  }

  written(write: BaseWrite, mark: Mark): 'sized' | 'restored' | null {
    const { due } = this;
    const { index, io, from, width } = write;
    const allOnes = holdsAllOnes(write);
    if (allOnes && (due[index] === 0 || width === 4)) {
      due[index] = addressBytes(write.size);
      this.since[index] = mark;
      this.io = io ? this.io | (1 << index) : this.io & ~(1 << index);
      return 'sized';
    }
    if (due[index] === 0) return null;
    due[index]! &= ~(((1 << width) - 1) << from);
    if (due[index] !== 0) return null;
    if (!allOnes) return 'restored';
    due[index] = addressBytes(write.size);
    return null;
  }

  /** Whether the base address is not written back yet. */
  has(index: number): boolean {
    return this.due[index] !== 0;
  }

  isIo(index: number): boolean {
    return (this.io & (1 << index)) !== 0;
  }
}

function holdsAllOnes({ held, size }: BaseWrite): boolean {
  return (held & -size) === -size;
}

/** The bytes of a base address that have address bits. */
function addressBytes(size: number): number {
  let bytes = 0;
  for (let i = 0; i < 4; i++) if (size < 2 ** (8 * (i + 1))) bytes |= 1 << i;
  return bytes;
}
