import type { Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { type Identity, PciFunction } from '../pci/pci-function.ts';
import { I440FX_REGISTERS, SMRAM } from './registers/i440fx.ts';

const { DLCK, DOPEN } = SMRAM.mask;

/**
 * The 440FX host bridge, 00:00.0, as GCE shows it: its subsystem is 1af4:1100, DEVSEL medium, and Command is not
 * hard-wired but begins at 0. PAM and SMRAM are kept and decode nothing: all of the machine's RAM stays RAM.
 * Source: Intel 82441FX data sheet (290549).
 */
export class I440Fx extends PciFunction {
  /** SMRAM before the access under way. */
  private smram = SMRAM.reset;

  /** @param shows what another machine's function says of itself. */
  constructor(name: string, board: Board, shows: Partial<Identity> = {}) {
    super(name, board, {
      vendor: 0x8086,
      device: 0x1237,
      class: 0x060000,
      revision: 2,
      subsystemVendor: 0x1af4,
      subsystem: 0x1100,
      status: 0x0280,
      ...shows,
    });
    for (const register of I440FX_REGISTERS) this.config.define(register);
  }

  override reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    super.reset(kind);
    this.smram = SMRAM.reset;
  }

  protected override configWritten(_offset: number, _width: Width): void {
    const written = this.config.get(SMRAM) | (this.smram & DLCK);
    this.smram = written & DLCK ? written & ~DOPEN : written;
    this.config.set(SMRAM, this.smram);
  }
}
