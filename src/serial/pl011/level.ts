import { PL011_FIFO } from './registers.ts';

/** Eighths of a FIFO; the values above are reserved, and are taken for the last one here. */
const EIGHTHS = [1, 2, 4, 6, 7] as const;

/** The characters that make a level of UARTIFLS. */
export function levelOf(select: number): number {
  return (PL011_FIFO / 8) * (EIGHTHS[select] ?? 7);
}
