import type { Described } from '../core/access.ts';
import type { Register } from '../core/register.ts';
import { registerBlock, registerText } from '../core/register-block.ts';
import { DLL, DLM, FCR, IER, IIR, LCR, LSR, MCR, MSR, RBR, SCR, THR, UART_PORTS } from './registers.ts';

const READ = registerBlock([RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR]);
const WRITTEN = registerBlock([THR, IER, FCR, LCR, MCR, LSR, MSR, SCR]);
const LATCH = registerBlock([DLL, DLM]);

/** The register that a one-byte access reaches; `lcr` is LCR before it. */
function registerAt(offset: number, write: boolean, lcr: number): Register {
  const latch = (lcr & LCR.mask.DLAB) !== 0 ? LATCH.at(offset) : null;
  return latch ?? (write ? WRITTEN : READ).at(offset)!;
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
    const byte = value === null ? null : (value >>> (8 * i)) & 0xff;
    said.push(`${registerText(register, { width: 1, value: byte, write })}${characterText(register, byte)}`);
  }
  return said.join(', ');
}

function characterText(register: Register, value: number | null): string {
  return register === RBR || register === THR ? quotedText(value) : '';
}

/** `  'A'` behind the value of a character that can be shown. */
export function quotedText(value: number | null): string {
  return value !== null && value >= 0x20 && value < 0x7f ? `  '${String.fromCharCode(value)}'` : '';
}
