import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';

const MIB = 1 << 20;

/**
 * A machine on which most mistakes show: a truncated address is outside RAM, there are features that no driver may
 * accept, and the balloon asks for pages.
 */
export function usualMachine(): Machine {
  const machine = gceN1({
    memory: { below4G: 2 * MIB, above4G: 32 * MIB, driversAbove4G: true },
    reservedFeatures: true,
    balloon: true,
  });
  machine.balloon!.target = 2;
  return machine;
}
