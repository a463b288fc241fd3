import type { Board, ResetKind } from '../core/board.ts';
import { deferred } from '../core/user-calls.ts';
import { Msix } from '../pci/msix.ts';
import { PciFunction } from '../pci/pci-function.ts';
import { RegisterWindow } from './bar0.ts';
import type { GvnicCore } from './core.ts';
import { Gvnic } from './device.ts';
import { Doorbells } from './doorbells.ts';
import { MailboxGvnic } from './mailbox/device.ts';
import { MailboxWindow } from './mailbox/window.ts';
import { GVNIC_BAR, GVNIC_ID } from './registers/bar0.ts';
import { MAILBOX_DEVICE_ID } from './registers/mailbox.ts';
import type { GvnicSettings } from './settings.ts';

/**
 * A gVNIC on PCI: registers behind BAR0, MSI-X behind BAR1 with a vector for each queue and one more, doorbells behind BAR2; of a
 * card with a mailbox doorbells are behind BAR0, too.
 *
 * @example
 * const fn = new GvnicFunction('net0', board, settings);
 * bus.add(fn, 4);
 * fn.device.plug(new Loopback());
 */
export class GvnicFunction extends PciFunction {
  readonly device: GvnicCore;
  private readonly msix: Msix;

  constructor(name: string, board: Board, settings: GvnicSettings) {
    const { vendor, device, subsystem, class: pciClass } = GVNIC_ID;
    const { mailbox, revision, pairs } = settings;
    const identity = { vendor, class: pciClass, subsystemVendor: vendor, subsystem, revision };
    super(name, board, { ...identity, device: mailbox ? MAILBOX_DEVICE_ID : device });
    const host = { gate: this.gate, signal: (vector: number) => this.msix.signal(vector) };
    const card = mailbox
      ? new MailboxGvnic(name, board, settings, host)
      : new Gvnic(name, board, settings, host);
    this.device = card;
    const { userCalls } = board.clock;
    const isMailbox = card instanceof MailboxGvnic;
    const registers = isMailbox ? new MailboxWindow(card) : new RegisterWindow(card);
    this.addBar(GVNIC_BAR.registers, 'mem32', deferred(registers, userCalls));
    this.msix = new Msix(this, { vectors: 2 * pairs + 1, bar: GVNIC_BAR.msix });
    if (!isMailbox) this.addBar(GVNIC_BAR.doorbells, 'mem32', deferred(new Doorbells(card), userCalls));
  }

  /** What keeps the interrupt of a block from the processor, in words; null for nothing. */
  heldBack(block: number): string | null {
    return this.device.blocks.heldBack(block) ?? this.msix.heldBack(this.device.vectorOf(block));
  }

  override reset(kind: ResetKind): void {
    this.device.reset();
    this.msix.reset();
    super.reset(kind);
  }

  protected override configWritten(): void {
    this.msix.configWritten();
  }
}
