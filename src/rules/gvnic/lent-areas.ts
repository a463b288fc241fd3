import type { Gpa } from '../../core/bits.ts';

/** Bytes of RAM that a device was given. */
export interface LentArea {
  readonly address: Gpa;
  readonly length: number;
}

export function overlap(one: LentArea, other: LentArea): boolean {
  return (
    one.length > 0 &&
    other.length > 0 &&
    one.address < other.address + other.length &&
    other.address < one.address + one.length
  );
}

/** An address in a structure of 64 bits. */
export function addressIn(view: DataView, at: number, isLittle: boolean): Gpa {
  const high = view.getUint32(isLittle ? at + 4 : at, isLittle);
  return high * 0x1_0000_0000 + view.getUint32(isLittle ? at : at + 4, isLittle);
}

/** What a device has of RAM, by what it is for: `transmit queue 0`. */
export class LentAreas {
  private readonly areas = new Map<string, readonly LentArea[]>();

  give(what: string, areas: readonly LentArea[]): void {
    this.areas.set(what, areas);
  }

  takeBack(what: string): void {
    this.areas.delete(what);
  }

  /** What bytes of one of these are already for, but for one thing; null for nothing. */
  whatIn(areas: readonly LentArea[], but = ''): string | null {
    for (const [what, lent] of this.areas)
      if (what !== but && lent.some((one) => areas.some((other) => overlap(one, other)))) return what;
    return null;
  }
}
