import { DFR, ID } from './registers/local-apic.ts';

const { ID: ID_AT } = ID.shift;
const { MODEL: MODEL_AT } = DFR.shift;
const FLAT = 0xf;
const BROADCAST = 0xff;

/** Whether a physical destination is the APIC whose ID register is `id`, or all. */
export function isPhysical(destination: number, id: number): boolean {
  return destination === BROADCAST || destination === id >>> ID_AT;
}

/** Whether a logical destination has the APIC with these registers in it. */
export function isLogical(destination: number, ldr: number, dfr: number): boolean {
  if (destination === BROADCAST) return true;
  const own = ldr >>> ID_AT;
  if (dfr >>> MODEL_AT === FLAT) return (destination & own) !== 0;
  return destination >> 4 === own >> 4 && (destination & own & 0xf) !== 0;
}
