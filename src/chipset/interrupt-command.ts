import type { ApicDestination } from './apic-destination.ts';
import { ICR_HIGH, ICR_LOW } from './registers/local-apic.ts';

const { VECTOR, DELMOD, DESTMOD, SHORTHAND } = ICR_LOW.mask;
const { DELMOD: DELMOD_AT, SHORTHAND: SHORTHAND_AT } = ICR_LOW.shift;
const { DEST: DEST_AT } = ICR_HIGH.shift;

const LOWEST_PRIORITY = 1;
const [SELF, ALL, ALL_BUT_SELF] = [1, 2, 3] as const;

/**
 * ICR, by which a CPU interrupts others and itself. Here is no other CPU: an interrupt for others has no receiver.
 * Source: Intel SDM volume 3, Issuing Interprocessor Interrupts.
 */
export class InterruptCommand {
  low = ICR_LOW.reset;
  high = ICR_HIGH.reset;

  get vector(): number {
    return this.low & VECTOR;
  }

  /** Whether the command is an interrupt, fixed or lowest priority, that reaches its sender. */
  reaches(sender: ApicDestination): boolean {
    const { low, high } = this;
    if ((low & DELMOD) >> DELMOD_AT > LOWEST_PRIORITY) return false;
    switch ((low & SHORTHAND) >> SHORTHAND_AT) {
      case SELF:
      case ALL:
        return true;
      case ALL_BUT_SELF:
        return false;
      default:
        return sender.isFor(high >>> DEST_AT, (low & DESTMOD) !== 0);
    }
  }

  reset(): void {
    this.low = ICR_LOW.reset;
    this.high = ICR_HIGH.reset;
  }
}
