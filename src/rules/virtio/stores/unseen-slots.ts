/** Which slots of a packed ring the device has used, without the driver having read their flags since. */
export class UnseenSlots {
  private readonly slots: Uint8Array;
  /** Of all, those that the driver's last look could find, and those that it has read. */
  private found = 0;
  private seen = 0;

  constructor(size: number) {
    this.slots = new Uint8Array(size);
  }

  get any(): boolean {
    return this.slots.includes(1);
  }

  /** Those that the driver could have found when it looked last. */
  get left(): number {
    return this.found - this.seen;
  }

  has(slot: number): boolean {
    return this.slots[slot] === 1;
  }

  add(slot: number): void {
    this.slots[slot] = 1;
  }

  /** The driver reads the flags of these, while `used` buffers came back so far. @returns how many were of these. */
  read(first: number, last: number, used: number): number {
    const before = this.seen;
    this.found = used;
    for (let slot = first; slot <= last; slot++) this.drop(slot);
    return this.seen - before;
  }

  drop(slot: number): void {
    if (!this.has(slot)) return;
    this.slots[slot] = 0;
    this.seen++;
  }
}
