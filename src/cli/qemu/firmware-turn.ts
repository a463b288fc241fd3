import type { Access, Tap } from '../../core/access.ts';
import type { Machine } from '../../machine/machine.ts';
import type { VirtioView } from '../../machine/virtio-view.ts';

const BEGINS = 'SeaBIOS (version';
const HANDS_OVER = 'Booting from';
/** As much of what SeaBIOS says is looked through for these. */
const TAIL = 4096;

/**
 * Whose doing it is, where SeaBIOS starts a guest on QEMU: it says on its debug port when it begins and when it hands over.
 * Until then all of it is SeaBIOS's; afterwards, what is done with a device that it drives, until somebody resets that.
 * Nobody is excused where the firmware says nothing.
 */
export class FirmwareTurn implements Tap {
  private readonly machine: Machine;
  private tail = '';
  private running = false;
  private everStarted = false;
  /** Devices that SeaBIOS drives on, for boot loaders that ask it to. */
  private kept: readonly VirtioView[] = [];
  private last: VirtioView | undefined;

  constructor(machine: Machine) {
    this.machine = machine;
    machine.journal.excuses = () => this.isFirmware();
    machine.observe(this);
  }

  /** What came out of the debug port. */
  hear(text: string): void {
    this.tail += text;
    const [begun, over] = [this.tail.lastIndexOf(BEGINS), this.tail.lastIndexOf(HANDS_OVER)];
    this.tail = this.tail.slice(-TAIL);
    if (begun < 0 && over < 0) return;
    if (begun > over) this.running = true;
    else if (this.running) this.handOver();
    this.machine.journal.isExcused();
  }

  begin({ region }: Access): void {
    this.last =
      this.machine.virtio.find(({ fn }) => fn.bars.some((bar) => bar.region === region)) ?? this.last;
  }

  end(): void {
    if (!this.running && this.kept.length > 0) this.kept = this.kept.filter(({ status }) => status !== 0);
  }

  private isFirmware(): boolean {
    return this.running || (this.last !== undefined && this.kept.includes(this.last));
  }

  private handOver(): void {
    this.running = false;
    this.tail = '';
    this.kept = this.machine.virtio.filter(({ status }) => status !== 0);
    if (!this.everStarted) this.machine.journal.startOver();
    this.everStarted = true;
  }
}
