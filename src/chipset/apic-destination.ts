import { DFR, ID, LDR } from './registers/local-apic.ts';

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
