import { RESERVE_CDB } from '../../scsi/cdb/registers.ts';
import type { InitiatorKnows } from './knows.ts';
import { newKeyIn } from './parameter-lists.ts';

const { REGISTER, REGISTER_AND_IGNORE, REGISTER_AND_MOVE, CLEAR, PREEMPT, PREEMPT_AND_ABORT } = RESERVE_CDB;
/** Unit attentions that tell of a registration or a reservation that another initiator ended. */
const LOST = /^2a\/0[345]$/;
const NONE = 0n;

/** The keys that an initiator registered with units: 0 is none, and null one that is not known. */
export class ReservationKeys {
  private readonly keys = new Map<number, bigint | null>();

  of(unit: number): bigint | null {
    return this.keys.get(unit) ?? (this.keys.has(unit) ? null : NONE);
  }

  /** PERSISTENT RESERVE OUT was carried out. */
  learn(unit: number, k: InitiatorKnows): void {
    const { cdb } = k;
    if (cdb === REGISTER || cdb === REGISTER_AND_IGNORE) this.keys.set(unit, newKeyIn(k));
    else if (cdb === CLEAR) this.keys.set(unit, NONE);
    // It may have ended its own.
    else if (cdb === PREEMPT || cdb === PREEMPT_AND_ABORT || cdb === REGISTER_AND_MOVE) this.lose(unit);
  }

  /** @param sense of a unit attention: `2a/03`. */
  attend(unit: number, sense: string): void {
    if (LOST.test(sense)) this.lose(unit);
  }

  /** Another driver has the adapter, or the same one after a loss of power. */
  forget(): void {
    for (const unit of this.keys.keys()) this.lose(unit);
  }

  private lose(unit: number): void {
    this.keys.set(unit, null);
  }
}
