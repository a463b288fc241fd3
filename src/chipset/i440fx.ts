import type { Gpa, Width } from '../core/bits.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { type Identity, PciFunction } from '../pci/pci-function.ts';
import { I440FX_REGISTERS, PAMS, SMRAM } from './registers/i440fx.ts';

const { SMRAME, DLCK, DCLS, DOPEN } = SMRAM.mask;
const { RE0, WE0, RE1, WE1 } = PAMS[1]!.mask;
/** Memory that PAM and SMRAM control, in pieces of 16 KiB: eight of SMRAM, two for each of PAM1 to PAM6, four of PAM0. */
const DECODED = { from: 0xa_0000, to: 0x10_0000, shift: 14 } as const;
const SMRAM_PIECES = 0xff;
const FIRST_PAM_PIECE = 8;
const PAM0_PIECES = 0xf0_0000;

/** Decides which of the CPU's memory accesses the host bridge routes to RAM. */
export interface RamDecode {
  readsRam(address: Gpa, width: Width): boolean;
  writesRam(address: Gpa, width: Width): boolean;
}

/**
 * The 440FX host bridge, 00:00.0, as GCE shows it: its subsystem is 1af4:1100, DEVSEL medium, and Command is not
 * hard-wired but begins at 0. PAM and SMRAM control which CPU accesses below 1 MiB reach RAM; the CPU is never in
 * system management mode.
 * Source: Intel 82441FX data sheet (290549).
 */
export class I440Fx extends PciFunction implements RamDecode {
  /** SMRAM before the current access. */
  private smram = SMRAM.reset;
  /** A bit for each piece. */
  private readable = 0;
  private writable = 0;

  /** @param shows identity of another machine's function. */
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

  readsRam(address: Gpa, width: Width): boolean {
    return reaches(this.readable, address, width);
  }

  writesRam(address: Gpa, width: Width): boolean {
    return reaches(this.writable, address, width);
  }

  override reset(kind: ResetKind): void {
    if (kind === 'soft') return;
    super.reset(kind);
    this.smram = SMRAM.reset;
    this.decode();
  }

  protected override configWritten(_offset: number, _width: Width): void {
    const written = this.config.get(SMRAM) | (this.smram & DLCK);
    this.smram = written & DLCK ? written & ~DOPEN : written;
    this.config.set(SMRAM, this.smram);
    this.decode();
  }

  private decode(): void {
    const open = (this.smram & (SMRAME | DOPEN | DCLS)) === (SMRAME | DOPEN) ? SMRAM_PIECES : 0;
    this.readable = this.writable = open;
    for (const [n, register] of PAMS.entries()) {
      const pam = this.config.get(register);
      const lower = n === 0 ? 0 : 1 << (FIRST_PAM_PIECE + 2 * (n - 1));
      const upper = n === 0 ? PAM0_PIECES : lower << 1;
      this.readable |= (pam & RE0 ? lower : 0) | (pam & RE1 ? upper : 0);
      this.writable |= (pam & WE0 ? lower : 0) | (pam & WE1 ? upper : 0);
    }
  }
}

/** Whether both ends of an access lie in `pieces`, or outside what they are pieces of. */
function reaches(pieces: number, address: Gpa, width: Width): boolean {
  return hasPiece(pieces, address) && hasPiece(pieces, address + width - 1);
}

function hasPiece(pieces: number, address: Gpa): boolean {
  if (address < DECODED.from || address >= DECODED.to) return true;
  return (pieces & (1 << ((address - DECODED.from) >> DECODED.shift))) !== 0;
}
