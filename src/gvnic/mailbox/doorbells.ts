/** Where doorbells of each kind begin in BAR0. A driver is told where each is. */
const DOORBELLS = { transmit: 0x1000, receive: 0x2000, block: 0x3000 } as const;
type Kind = keyof typeof DOORBELLS;
const KIND = 0x1000;
/** Each has eight bytes: the second word is for moderation alone, of which nothing is known. */
const STRIDE = 8;

export function doorbellAt(kind: Kind, which: number): number {
  return DOORBELLS[kind] + which * STRIDE;
}

/** The kind of a doorbell; null where none is. */
export function kindOf(offset: number): Kind | null {
  if (offset % STRIDE !== 0) return null;
  switch (offset - (offset % KIND)) {
    case DOORBELLS.transmit:
      return 'transmit';
    case DOORBELLS.receive:
      return 'receive';
    case DOORBELLS.block:
      return 'block';
    default:
      return null;
  }
}

/** Its number among those of its kind. */
export function whichOf(offset: number): number {
  return Math.floor((offset % KIND) / STRIDE);
}
