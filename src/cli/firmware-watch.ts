import type { Machine } from '../machine/machine.ts';
import { type AnyWhere, placeOf } from './guest-place.ts';
import { KeptDevices, viewOf } from './kept-devices.ts';

/**
 * Attributes accesses to the BIOS or to the system that it boots. Until it hands over, all of them are the BIOS's. It
 * never executes in conventional memory, where it puts the boot sector (0:7C00), and never turns paging on: code that
 * does so is the system. Afterwards the BIOS's are the accesses of its own code, at C0000 to FFFFF: INT 13h and the
 * like. What a virtio device does by itself, at a later time, belongs to its driver, whatever code runs then.
 */
export class FirmwareWatch {
  private readonly machine: Machine;
  private readonly kept: KeptDevices;
  private where: (() => AnyWhere) | null = null;
  private started = false;
  private everStarted = false;

  constructor(machine: Machine) {
    this.machine = machine;
    this.kept = new KeptDevices(machine);
    machine.journal.excuses = (subject) => this.isFirmware(subject);
  }

  /** Power came on, or a reset: the BIOS begins again. */
  begin(where: () => AnyWhere): void {
    this.where = where;
    this.started = false;
    this.look();
  }

  /** Checks where the guest executes; to be called often. */
  look(): void {
    this.machine.journal.isExcused();
  }

  /** The boot is over. The checks of a BIOS that started no system do not count. */
  end(): void {
    this.start();
    this.machine.journal.excuses = null;
    this.where = null;
    this.look();
  }

  private isFirmware(subject: string | null): boolean {
    if (this.where === null) return false;
    const place = placeOf(this.where());
    if (place === 'conventional memory' || place === 'a kernel' || place === 'a program') this.start();
    if (!this.started) return true;
    return subject !== null && this.actsByItself(subject) ? this.kept.drives(subject) : place === 'the BIOS';
  }

  private actsByItself(subject: string): boolean {
    const { journal, virtio } = this.machine;
    return !journal.trail.underWay && viewOf(subject, virtio) !== undefined;
  }

  private start(): void {
    if (this.started) return;
    this.started = true;
    this.kept.take();
    if (this.everStarted) return;
    this.everStarted = true;
    this.machine.observe(this.kept);
    this.machine.journal.startOver();
  }
}
