import type { Described, Region } from '../../core/access.ts';
import type { Width } from '../../core/bits.ts';
import type { Register } from '../../core/register.ts';
import { registerBlock, valueText } from '../../core/register-block.ts';
import * as reg from '../registers/mailbox.ts';
import type { MailboxGvnic } from './device.ts';
import { kindOf, whichOf } from './doorbells.ts';

const MAILBOX = registerBlock([
  ...[reg.RX_BASE_LOW, reg.RX_BASE_HIGH, reg.RX_LENGTH, reg.RX_HEAD, reg.RX_TAIL],
  ...[reg.TX_BASE_LOW, reg.TX_BASE_HIGH, reg.TX_LENGTH, reg.TX_HEAD, reg.TX_TAIL],
]);
const RESET = registerBlock([reg.RESET_STATUS, reg.RESET_CONTROL]);
const CLOCK = registerBlock([
  ...[reg.CLOCK_LOW, reg.CLOCK_HIGH, reg.COUNTER_LOW, reg.COUNTER_HIGH, reg.CLOCK_SYNC],
]);
const BLOCKS = [
  [reg.MAILBOX_AT, MAILBOX],
  [reg.MAILBOX_RESET_AT, RESET],
  [reg.MAILBOX_CLOCK_AT, CLOCK],
] as const;
const WORD = 4;
const HIGH = 0x1_0000_0000;
const { SYNC } = reg.CLOCK_SYNC.mask;

/** What is behind BAR0 of a card with a mailbox: registers, and doorbells. All are words of 32 bits, little-endian. */
export class MailboxWindow implements Region {
  readonly name: string;
  readonly size = reg.MAILBOX_BAR_SIZE;
  private readonly card: MailboxGvnic;
  /** The time that is read. */
  private time = 0;

  constructor(card: MailboxGvnic) {
    this.name = card.name;
    this.card = card;
  }

  read(offset: number, width: Width): number {
    const word = this.wordAt(offset - (offset % WORD));
    this.card.events?.registerRead(registerAt(offset), offset, width, word);
    const shift = (offset % WORD) * 8;
    return width === WORD ? word : (word >>> shift) & (width === 2 ? 0xffff : 0xff);
  }

  write(offset: number, value: number, width: Width): void {
    const { events, gate } = this.card;
    if (offset < reg.MAILBOX_AT) events?.doorbellWritten(offset, width, this.isGiven(offset), gate.open);
    else events?.registerWritten(registerAt(offset), offset, width, value, gate.open);
    if (width !== WORD || offset % WORD !== 0) return;
    if (offset < reg.MAILBOX_AT) this.ring(offset, value);
    else if (MAILBOX.at(offset - reg.MAILBOX_AT) !== null)
      this.card.mailbox.write((offset - reg.MAILBOX_AT) >> 2, value);
    else if (RESET.at(offset - reg.MAILBOX_RESET_AT) === reg.RESET_CONTROL) {
      if ((value & reg.RESET_CONTROL.mask.RESET) !== 0) this.card.reset();
    } else if (CLOCK.at(offset - reg.MAILBOX_CLOCK_AT) === reg.CLOCK_SYNC && (value & SYNC) === SYNC)
      this.time = this.card.clock.now;
  }

  describe(access: Described): string {
    const { offset } = access;
    const found = blockAt(offset);
    if (found !== undefined) return found[1].describe({ ...access, offset: offset - found[0] }, this.name);
    const kind = kindOf(offset);
    const which = whichOf(offset);
    const what = kind === null ? `+${offset.toString(16)}` : ` doorbells ${kind} ${which}`;
    return `${this.name}${what}${valueText(access)}`;
  }

  /**
   * Of a block both words are: the second is for moderation alone. A queue need not be there: the card may have been reset since,
   * and its driver not know that yet.
   */
  private isGiven(offset: number): boolean {
    const { settings, blocks } = this.card;
    const which = whichOf(offset);
    const kind = kindOf(offset) ?? kindOf(offset - WORD);
    if (kind === 'block') return which < blocks.count;
    return kindOf(offset) !== null && which < settings.pairs;
  }

  private ring(offset: number, value: number): void {
    const { queues, blocks, events } = this.card;
    const which = whichOf(offset);
    switch (kindOf(offset)) {
      case 'transmit':
        queues.ringTransmit(which, value);
        break;
      case 'receive':
        queues.ringReceive(which, value);
        break;
      case 'block':
        if (which >= blocks.count) break;
        events?.blockRung(which, value);
        blocks.write(which, value);
        break;
    }
  }

  private wordAt(offset: number): number {
    if (MAILBOX.at(offset - reg.MAILBOX_AT) !== null)
      return this.card.mailbox.words[(offset - reg.MAILBOX_AT) >> 2]!;
    if (RESET.at(offset - reg.MAILBOX_RESET_AT) === reg.RESET_STATUS) return reg.RESET_STATUS.mask.DONE;
    switch (CLOCK.at(offset - reg.MAILBOX_CLOCK_AT)) {
      case reg.CLOCK_LOW:
      case reg.COUNTER_LOW:
        return this.time % HIGH;
      case reg.CLOCK_HIGH:
      case reg.COUNTER_HIGH:
        return Math.floor(this.time / HIGH);
      default:
        return 0;
    }
  }
}

function blockAt(offset: number): (typeof BLOCKS)[number] | undefined {
  return BLOCKS.find(([from, block]) => offset >= from && offset < from + block.size);
}

/** The register that begins there; null for none. */
function registerAt(offset: number): Register | null {
  const found = blockAt(offset);
  return found === undefined ? null : found[1].at(offset - found[0]);
}
