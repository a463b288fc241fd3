import { FIFO_SIZE } from './registers.ts';

/** A queue of words, or of one: a holding register while the FIFOs are off. */
export class Fifo {
  count = 0;
  private capacity = 1;
  private first = 0;
  private readonly size: number;
  private readonly mask: number;
  private readonly words: Uint16Array;

  /** @param size words that fit while the FIFOs are on: a power of two. */
  constructor(size: number = FIFO_SIZE) {
    this.size = size;
    this.mask = size - 1;
    this.words = new Uint16Array(size);
  }

  /** Changes the capacity, and empties it. */
  resize(capacity: number): void {
    this.capacity = capacity;
    this.clear();
  }

  get full(): boolean {
    return this.count === this.capacity;
  }

  /** The oldest word; meaningless while empty. */
  get head(): number {
    return this.words[this.first]!;
  }

  /**
   * A full FIFO keeps its words, and the new one is lost; a full holding register takes the new word instead of the old
   * (PC16550D, 8.4, for the receiver; for the transmitter the data sheet is silent, and a register that is written holds
   * what was written). Returns the word that was lost, or -1.
   */
  push(word: number): number {
    const room = this.count < this.capacity;
    if (!room && this.capacity === this.size) return word;
    const lost = room ? -1 : this.head;
    if (!room) this.count--;
    this.words[(this.first + this.count++) & this.mask] = word;
    return lost;
  }

  /** Removes the oldest word. */
  pop(): number {
    const word = this.head;
    this.first = (this.first + 1) & this.mask;
    this.count--;
    return word;
  }

  clear(): void {
    this.count = 0;
  }
}
