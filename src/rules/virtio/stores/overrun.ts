import type { Lent } from './lent.ts';

const NONE = -1;

/**
 * Stores over descriptors that the device has, with which a driver continues a list that does not fit. They are the
 * list's mistake if the list is made available, and else changes to the chain that the device has.
 *
 * @example
 * overrun.passed(6);                                   // a free slot, the last before those of the device
 * if (overrun.goesOn(7, 7, false, 8)) overrun.hold(7, lent, 'desc[7].addr');
 */
export class Overrun {
  /** The first chain whose descriptors were overwritten; null is none. */
  lent: Lent | null = null;
  private field = '';
  private held = NONE;
  private before = NONE;

  /** The driver stored to a slot of its own. */
  passed(slot: number): void {
    this.before = slot;
  }

  /**
   * Whether a store to `slot` continues a list.
   *
   * @param oldest the slot that the device has had for longest.
   * @param full the device has all slots.
   */
  goesOn(slot: number, oldest: number, full: boolean, size: number): boolean {
    const last = (slot || size) - 1;
    if (this.lent !== null) return slot === this.held || last === this.held;
    return slot === oldest && (full || this.before === last);
  }

  hold(slot: number, lent: Lent, field: string): void {
    this.held = slot;
    if (this.lent !== null) return;
    this.lent = lent;
    this.field = field;
  }

  /** @returns what was changed first. */
  end(): string {
    this.clear();
    return this.field;
  }

  clear(): void {
    this.lent = null;
    this.held = this.before = NONE;
  }
}
