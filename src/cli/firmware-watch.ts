import type { Journal } from '../core/journal.ts';
import { type AnyWhere, placeOf } from './guest-place.ts';

/**
 * Whose doing it is, where a BIOS boots a system. Until it hands over, all of it is the BIOS's. It never executes in
 * conventional memory, where it puts the boot sector (0:7C00), and never turns paging on: whoever is seen to do so is the
 * system. Afterwards the BIOS's are the accesses of its own code, at C0000 to FFFFF: INT 13h and its like.
 */
export class FirmwareWatch {
  private readonly journal: Journal;
  private where: (() => AnyWhere) | null = null;
  private started = false;
  private everStarted = false;

  constructor(journal: Journal) {
    this.journal = journal;
    journal.excuses = () => this.isFirmware();
  }

  /** Power came on, or a reset did: the BIOS begins again. */
  begin(where: () => AnyWhere): void {
    this.where = where;
    this.started = false;
    this.look();
  }

  /** Looks where the guest is; to be called often. */
  look(): void {
    this.journal.isExcused();
  }

  /** The boot is over. What a BIOS met that found nothing to start is no system's. */
  end(): void {
    this.start();
    this.journal.excuses = null;
    this.where = null;
    this.look();
  }

  private isFirmware(): boolean {
    if (this.where === null) return false;
    const place = placeOf(this.where());
    if (place === 'conventional memory' || place === 'a kernel' || place === 'a program') this.start();
    return !this.started || place === 'the BIOS';
  }

  private start(): void {
    this.started = true;
    if (!this.everStarted) this.journal.startOver();
    this.everStarted = true;
  }
}
