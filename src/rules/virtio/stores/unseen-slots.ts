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

  /** The driver looks, and `used` buffers came back so far. */
  looked(used: number): void {
    this.found = used;
  }

  /** @returns whether it was one of these. */
  drop(slot: number): boolean {
    if (!this.has(slot)) return false;
    this.slots[slot] = 0;
    this.seen++;
    return true;
  }
}
