import { DFR, ICR_HIGH, ICR_LOW, ID, LDR } from './registers/local-apic.ts';

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

const { ID: ID_AT } = ID.shift;
const { MODEL: MODEL_AT } = DFR.shift;
const FLAT = 0xf;
const BROADCAST = 0xff;

/**
 * The names of an APIC: its ID, and its logical ID in the model of DFR.
 * Source: Intel SDM volume 3, Determining IPI Destination.
 */
export class ApicDestination {
  id = ID.reset;
  ldr = LDR.reset;
  dfr = DFR.reset;

  /** Whether a message to `destination`, 0 to 255, is for this APIC, alone or with others. */
  isFor(destination: number, logical: boolean): boolean {
    if (destination === BROADCAST) return true;
    return logical ? this.isLogical(destination) : destination === this.id >>> ID_AT;
  }

  reset(): void {
    this.id = ID.reset;
    this.ldr = LDR.reset;
    this.dfr = DFR.reset;
  }

  private isLogical(destination: number): boolean {
    const own = this.ldr >>> ID_AT;
    if (this.dfr >>> MODEL_AT === FLAT) return (destination & own) !== 0;
    return destination >> 4 === own >> 4 && (destination & own & 0xf) !== 0;
  }
}
