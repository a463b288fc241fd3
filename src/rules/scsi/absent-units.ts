import { CDB, type Cdb } from '../../scsi/cdb/registers.ts';

/** Commands that say nothing of the unit itself. */
export const OF_TARGET: ReadonlySet<Cdb> = new Set<Cdb>([CDB.REPORT_LUNS, CDB.REQUEST_SENSE]);
/** LUN 0 with bytes 2 and 3 of its field the other way round. */
const TURNED = 0x40;

/** Which units an initiator addressed, and of which it was told that they are not there, by target and LUN. */
export class AbsentUnits {
  /** Units were addressed, and none but LUN 40h of targets, which they do not have. */
  isTurned = false;
  private isStraight = false;
  private readonly told = new Set<number>();
  private readonly seen = new Set<number>();

  /** One was addressed that is not there. @returns whether that had been told before. */
  miss(target: number, lun: number, tells: boolean): boolean {
    const key = keyOf(target, lun);
    const wasTold = this.told.has(key);
    if (lun === TURNED) this.isTurned = !this.isStraight;
    else this.straighten();
    if (tells && !this.seen.has(key)) this.told.add(key);
    return wasTold;
  }

  /** It is there: if it goes, a driver may not know of it yet. */
  see(target: number, lun: number): void {
    const key = keyOf(target, lun);
    this.straighten();
    this.seen.add(key);
    this.told.delete(key);
  }

  forget(): void {
    this.told.clear();
    this.isTurned = this.isStraight = false;
  }

  /** A unit was addressed that is there. */
  straighten(): void {
    this.isTurned = false;
    this.isStraight = true;
  }
}

function keyOf(target: number, lun: number): number {
  return target * 2 ** 16 + lun;
}
