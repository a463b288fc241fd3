import type { Board, ResetKind } from '../core/board.ts';
import { deferred } from '../core/user-calls.ts';
import { Msix } from '../pci/msix.ts';
import { PciFunction } from '../pci/pci-function.ts';
import { NvmeController } from './controller.ts';
import { NVME_BAR, NVME_ID } from './registers/bar0.ts';
import type { NvmeSettings } from './settings.ts';
import { NvmeWindow } from './window.ts';

const INTA = 1;

/**
 * An NVMe controller on PCI: registers and doorbells behind BAR0, of 64 bits, MSI-X behind BAR4, if it has vectors. Without
 * MSI-X it drives INTA.
 *
 * @example
 * const fn = new NvmeFunction('nvme0', board, settings);
 * bus.add(fn, 4);
 * fn.controller.attach(namespace);
 */
export class NvmeFunction extends PciFunction {
  readonly controller: NvmeController;
  private readonly msix: Msix | null;

  constructor(name: string, board: Board, settings: NvmeSettings) {
    super(name, board, { ...NVME_ID, subsystemVendor: NVME_ID.vendor, pin: INTA });
    const enabled = () => this.msix?.enabled === true;
    this.controller = new NvmeController(name, board, settings, {
      gate: this.gate,
      vectors: settings.vectors,
      get canSignal() {
        return enabled();
      },
      signal: (vector) => this.msix!.signal(vector),
      setInterrupt: (level) => this.setInterrupt(level),
    });
    this.addBar(
      NVME_BAR.registers,
      'mem64',
      deferred(new NvmeWindow(this.controller), board.clock.userCalls),
    );
    const { vectors } = settings;
    this.msix = vectors === 0 ? null : new Msix(this, { vectors, bar: NVME_BAR.msix });
  }

  /** What keeps interrupts of a vector from the processor, in words; null for nothing. -1 is a queue without any. */
  heldBack(vector: number): string | null {
    if (vector < 0) return 'the queue was made without IEN';
    if (this.controller.canSignal) return this.msix!.heldBack(vector);
    if ((this.controller.interruptMask & 1) !== 0) return 'INTMS masks its interrupts';
    return this.interruptDisabled ? 'bit 10 of Command disables INTx' : null;
  }

  override reset(kind: ResetKind): void {
    if (kind === 'power') for (const one of this.controller.namespaces) one?.reservations?.forget();
    this.controller.reset();
    this.msix?.reset();
    super.reset(kind);
  }

  protected override configWritten(): void {
    this.msix?.configWritten();
    this.controller.queues.drivePin();
  }
}
