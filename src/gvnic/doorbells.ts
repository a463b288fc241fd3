import type { Described, Region } from '../core/access.ts';
import { swap32, type Width } from '../core/bits.ts';
import { valueText } from '../core/register-block.ts';
import type { GvnicEvents } from './events.ts';
import { DOORBELLS_SIZE } from './registers/bar0.ts';
import type { GvnicSettings } from './settings.ts';

/** The first index of each kind of doorbell. A driver is given them, and knows none before. */
export const DOORBELL = { transmit: 0x100, receive: 0x200, block: 0x300 } as const;
export type DoorbellKind = keyof typeof DOORBELL;
/** How many of a kind there may be. */
const KIND = 0x100;
const WIDTH = 4;

/** What the doorbells belong to. */
export interface Rung {
  readonly name: string;
  /** Doorbells are little-endian: the rings are DQO's. */
  readonly isLittle: boolean;
  readonly events: GvnicEvents | null;
  readonly canReachMemory: boolean;
  readonly settings: Pick<GvnicSettings, 'indexShift'>;
  /** Whether a queue or a block has this doorbell. */
  isGiven(kind: DoorbellKind, which: number): boolean;
  ringTransmit(queue: number, value: number): void;
  ringReceive(queue: number, value: number): void;
  ringBlock(block: number, value: number): void;
}

/** The doorbells behind BAR2: words of 32 bits, each at its index × 4. Those that are of nothing are ignored. */
export class Doorbells implements Region {
  readonly name: string;
  readonly size = DOORBELLS_SIZE;
  private readonly card: Rung;

  constructor(card: Rung) {
    this.name = `${card.name} doorbells`;
    this.card = card;
  }

  read(): number {
    return 0;
  }

  write(offset: number, value: number, width: Width): void {
    const { card } = this;
    const index = (offset >>> 2) - card.settings.indexShift;
    if (card.events !== null) {
      const kind = kindOf(index);
      const given = kind !== null && card.isGiven(kind, index & (KIND - 1));
      card.events.doorbellWritten(offset, width, given, card.canReachMemory);
    }
    if (width !== WIDTH || (offset & (WIDTH - 1)) !== 0) return;
    const word = card.isLittle ? value : swap32(value) >>> 0;
    const which = index & (KIND - 1);
    switch (index - which) {
      case DOORBELL.transmit:
        card.ringTransmit(which, word);
        break;
      case DOORBELL.receive:
        card.ringReceive(which, word);
        break;
      case DOORBELL.block:
        card.ringBlock(which, word);
        break;
    }
  }

  /** `net0 doorbells transmit 0 ← 02000000`, as it was written. */
  describe(access: Described): string {
    const index = (access.offset >>> 2) - this.card.settings.indexShift;
    const which = index & (KIND - 1);
    const kind = kindOf(index);
    const what = kind === null ? `+${access.offset.toString(16)}` : ` ${kind} ${which}`;
    return `${this.name}${what}${valueText(access)}`;
  }
}

function kindOf(index: number): DoorbellKind | null {
  switch (index - (index & (KIND - 1))) {
    case DOORBELL.transmit:
      return 'transmit';
    case DOORBELL.receive:
      return 'receive';
    case DOORBELL.block:
      return 'block';
    default:
      return null;
  }
}
