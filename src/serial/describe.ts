import type { Region } from '../core/access.ts';
import { hex } from '../core/bits.ts';
import type { Register } from '../core/register.ts';
import { DLL, DLM, FCR, IER, IIR, LCR, LSR, MCR, MSR, RBR, SCR, THR, UART_PORTS } from './registers.ts';

const READ: readonly Register[] = [RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR];
const WRITTEN: readonly Register[] = [THR, IER, FCR, LCR, MCR, LSR, MSR, SCR];
const LATCH: readonly Register[] = [DLL, DLM];

/** An access as a region is asked to describe it; the context is LCR. */
export type Described = Parameters<NonNullable<Region['describe']>>[0];

/** The register that an access of one byte reaches; `lcr` is LCR before it. */
function registerAt(offset: number, write: boolean, lcr: number): Register {
  const latch = (lcr & LCR.mask.DLAB) !== 0 ? LATCH[offset] : undefined;
  return latch ?? (write ? WRITTEN : READ)[offset]!;
}

/**
 * An access in words: `LCR ← 83  WLS=3 DLAB`, `LSR → 60  TEMT THRE`, `THR ← 41  'A'`; `LSR` alone before it is
 * answered. A wider access names each register it reaches, lowest first.
 */
export function describe(access: Described): string {
  const { offset, width, value, write, context } = access;
  const said: string[] = [];
  for (let i = 0; i < width && offset + i < UART_PORTS; i++) {
    const register = registerAt(offset + i, write, context);
    said.push(value === null ? register.name : one(register, (value >>> (8 * i)) & 0xff, write));
  }
  return said.join(', ');
}

function one(register: Register, value: number, write: boolean): string {
  const text = `${register.name} ${write ? '←' : '→'} ${hex(value, 2)}`;
  if (register === RBR || register === THR)
    return printable(value) ? `${text}  '${String.fromCharCode(value)}'` : text;
  const whole = register === DLL || register === DLM || register === SCR;
  return whole ? text : `${text}  ${register.format(value)}`;
}

function printable(value: number): boolean {
  return value >= 0x20 && value < 0x7f;
}
