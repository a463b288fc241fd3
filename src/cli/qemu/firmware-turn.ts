import { closeSync, openSync, readSync } from 'node:fs';
import type { Access, Tap } from '../../core/access.ts';
import type { Machine } from '../../machine/machine.ts';
import type { VirtioView } from '../../machine/virtio-view.ts';
import { COMMAND } from '../../pci/registers.ts';
import { isConfig, KeptDevices } from '../kept-devices.ts';

const BEGINS = 'SeaBIOS (version';
const HANDS_OVER = 'Booting from';
/** How much of SeaBIOS's output is read at once. */
const PIECE = 4096;

/**
 * Attributes accesses to SeaBIOS or to the guest that it starts on QEMU: SeaBIOS reports on its debug port when it begins
 * and when it hands over. Until then all accesses are SeaBIOS's; afterwards, those of its driver for boot loaders, to
 * devices that it left running. QEMU writes the output to a file, before the guest goes on: output that is there at an
 * access was written before it. If the firmware reports nothing, nothing is excused.
 */
export class FirmwareTurn implements Tap {
  private readonly machine: Machine;
  private readonly file: number;
  private readonly piece = Buffer.alloc(PIECE);
  private heard = 0;
  private tail = '';
  private running = false;
  private everStarted = false;
  private readonly kept: KeptDevices;

  /** @param debug the file that QEMU writes. */
  constructor(machine: Machine, debug: string) {
    this.machine = machine;
    this.kept = new KeptDevices(machine);
    this.file = openSync(debug, 'r');
    machine.journal.excuses = (subject) => this.isFirmware(subject);
    machine.observe(this);
  }

  /** A firmware that begins reads configuration space before anything else. */
  begin(access: Access): void {
    if (this.running || isConfig(access)) this.listen();
    this.kept.begin(access);
  }

  end(): void {
    this.kept.end();
  }

  /** The run is over. The checks of a SeaBIOS that started no guest do not count. */
  close(): void {
    this.listen();
    if (this.running) this.handOver();
    this.machine.journal.excuses = null;
    closeSync(this.file);
  }

  private isFirmware(subject: string | null): boolean {
    this.listen();
    return this.running || (subject !== null && this.kept.owns(subject));
  }

  private listen(): void {
    for (;;) {
      const length = readSync(this.file, this.piece, 0, PIECE, this.heard);
      if (length === 0) return;
      this.heard += length;
      this.hear(this.piece.toString('latin1', 0, length));
    }
  }

  private hear(text: string): void {
    this.tail += text;
    for (;;) {
      const next = this.running ? HANDS_OVER : BEGINS;
      const at = this.tail.indexOf(next);
      if (at < 0) break;
      this.tail = this.tail.slice(at + next.length);
      if (this.running) this.handOver();
      else this.running = this.machine.virtio.every(isAsReset);
    }
    this.tail = this.tail.slice(-BEGINS.length);
  }

  private handOver(): void {
    this.running = false;
    this.kept.take();
    if (!this.everStarted) this.machine.journal.startOver();
    this.everStarted = true;
  }
}

/** A guest may write to that port, too; a firmware begins behind a reset. */
function isAsReset({ status, fn }: VirtioView): boolean {
  return status === 0 && fn.readConfig(COMMAND.offset, 2) === 0;
}
